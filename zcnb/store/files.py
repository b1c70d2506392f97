"""What the store does with single files: hash them, get rid of them."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from blake3 import blake3

from zcnb.model.digest import Digest
from zcnb.osdep.signature import Signature, signature_in


def read_digest(path: Path) -> tuple[Digest, Signature] | None:
    """The digest of a plain file and the signature that it had while it was read.

    `None` if it changed meanwhile. Raises `OSError`, also for a link.
    """
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise OSError(f"{path} is no plain file")
        hasher = blake3(max_threads=1)
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
        state = signature_in(before)
        return (Digest(hasher.hexdigest()), state) if signature_in(os.fstat(file.fileno())) == state else None


def remove(path: Path) -> None:
    """Delete whatever lies at `path`: a file, a link, a folder with all that is in it. What cannot go stays."""
    try:
        path.unlink()
    except (IsADirectoryError, PermissionError):  # Linux and macOS about a folder
        shutil.rmtree(path, ignore_errors=True)
    except OSError:
        pass  # it is not there, or the disk is read-only: the caller looks again before it uses anything

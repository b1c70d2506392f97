"""Results where the tool would have written them."""

from __future__ import annotations

import os


def place(source: str, destination: str, *, executable: bool) -> None:
    """Copy a result to where the tool would have written it: a new file, whole or not there at all, with the
    mode that the umask leaves. Raises `OSError`."""
    mode = 0o777 if executable else 0o666
    reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        folder = os.path.dirname(destination) or "."
        try:
            writer = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, mode)
        except OSError:  # not every file system has files without a name
            _place_by_name(reader, destination, mode)
            return
        try:
            _copy(reader, writer)
            remove(destination)
            # With a folder's descriptor, or Python calls link(2), which would link the link.
            os.link(f"/proc/self/fd/{writer}", destination, src_dir_fd=writer, follow_symlinks=True)
        finally:
            os.close(writer)
    finally:
        os.close(reader)


def _place_by_name(reader: int, destination: str, mode: int) -> None:
    remove(destination)
    writer = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        _copy(reader, writer)
    except BaseException:
        remove(destination)
        raise
    finally:
        os.close(writer)


def _copy(reader: int, writer: int) -> None:
    while os.sendfile(writer, reader, None, 1 << 24):
        pass


def remove(name: str) -> None:
    """Delete a file that may be there."""
    try:
        os.unlink(name)
    except FileNotFoundError:
        pass

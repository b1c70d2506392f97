"""What the kernel's environment says to the tools that `!` and `%%bash` run: whose session, and which `g++`."""

from __future__ import annotations

import os
from pathlib import Path

from zcnb.client.shims import make_shims
from zcnb.config import Config
from zcnb.errors import StoreError, UsageError

SESSION_VARIABLE = "ZCNB_SESSION_ID"


class Surroundings:
    """The variables that zcnb sets in this process, and how they were before."""

    def __init__(self, config: Config, session: str) -> None:
        self._config = config
        self._session_before = os.environ.get(SESSION_VARIABLE)
        self._shims = self._path_set = ""
        self._path_before: str | None = None
        os.environ[SESSION_VARIABLE] = session

    def shims_on(self) -> Path:
        """Put the shims first on PATH; their folder. Raises `UsageError` when they cannot be made."""
        try:
            folder = make_shims(self._config.cache_dir)
        except StoreError as error:
            raise UsageError(str(error)) from None
        self.shims_off()
        self._shims, self._path_before = str(folder), os.environ.get("PATH")
        os.environ["PATH"] = self._path_set = os.pathsep.join([self._shims, self._path_before or os.defpath])
        return folder

    def shims_off(self) -> None:
        """Take them off PATH again."""
        if not self._shims:
            return
        if os.environ.get("PATH") != self._path_set:  # somebody else changed it meanwhile
            kept = [path for path in os.environ.get("PATH", "").split(os.pathsep) if path != self._shims]
            os.environ["PATH"] = os.pathsep.join(kept)
        elif self._path_before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = self._path_before
        self._shims = ""

    def restore(self) -> None:
        """As it was before."""
        self.shims_off()
        if self._session_before is None:
            os.environ.pop(SESSION_VARIABLE, None)
        else:
            os.environ[SESSION_VARIABLE] = self._session_before

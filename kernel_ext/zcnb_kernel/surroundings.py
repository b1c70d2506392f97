"""What the kernel's environment says to the tools that `!` and `%%bash` run: whose session, and which `g++`."""

from __future__ import annotations

import os
from pathlib import Path

from zcnb.client.shims import make_shims
from zcnb.config import Config
from zcnb.errors import UsageError

SESSION_VARIABLE = "ZCNB_SESSION_ID"


class Surroundings:
    """The variables that zcnb sets in this process, and how they were before."""

    def __init__(self, config: Config, session: str) -> None:
        self._config = config
        self._session_before = os.environ.get(SESSION_VARIABLE)
        self._shims = ""
        os.environ[SESSION_VARIABLE] = session

    def shims_on(self) -> Path:
        """Put the shims first on PATH; their folder. Raises `UsageError` when they cannot be made."""
        try:
            folder = make_shims(self._config.cache_dir)
        except OSError as error:
            raise UsageError(f"The shims cannot be made in {self._config.cache_dir}: {error.strerror}.") from None
        self.shims_off()
        self._shims = str(folder)
        os.environ["PATH"] = os.pathsep.join([self._shims, os.environ.get("PATH", os.defpath)])
        return folder

    def shims_off(self) -> None:
        """Take them off PATH again."""
        if self._shims:
            kept = [path for path in os.environ.get("PATH", "").split(os.pathsep) if path != self._shims]
            os.environ["PATH"] = os.pathsep.join(kept)
            self._shims = ""

    def restore(self) -> None:
        """As it was before."""
        self.shims_off()
        if self._session_before is None:
            os.environ.pop(SESSION_VARIABLE, None)
        else:
            os.environ[SESSION_VARIABLE] = self._session_before

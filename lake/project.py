"""Where things lie in the project that the command line belongs to."""

from __future__ import annotations

import os
from pathlib import Path

STATE_VARIABLE = "LAKE_STATE_DIRECTORY"
"""Environment variable that puts the local state elsewhere, for a second lake beside the first."""


def project_root() -> Path:
    """Return the folder that holds ``app.py``, ``domains`` and ``lake``."""
    return Path(__file__).resolve().parent.parent


def state_directory() -> Path:
    """Return the folder of everything local: the local cloud's state, logs, build output of a deployment."""
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen).resolve() if chosen else project_root() / ".lake"


def make_state_directory() -> Path:
    """Return the folder of everything local, which is made where it is missing, for its owner alone."""
    folder = state_directory()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def log_file(name: str) -> Path:
    """Return the path of a log file; its folder exists afterwards."""
    folder = make_state_directory() / "logs"
    folder.mkdir(exist_ok=True)
    return folder / name


def shown(path: Path) -> str:
    """Return the path as a user types it: relative to the working directory where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

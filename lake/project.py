"""Paths in the project that the command line belongs to."""

from __future__ import annotations

import os
from pathlib import Path

STATE_VARIABLE = "LAKE_STATE_DIRECTORY"
"""Environment variable with another folder for the local state, for a second lake."""


def project_root() -> Path:
    """Return the folder that holds ``app.py``, ``domains`` and ``lake``."""
    return Path(__file__).resolve().parent.parent


def state_directory() -> Path:
    """Return the folder of local data: the local cloud's state, logs, build output of a deployment."""
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen).resolve() if chosen else project_root() / ".lake"


def make_state_directory() -> Path:
    """Return the folder of local data. If it is missing, it is created with access for its owner only."""
    folder = state_directory()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def log_file(name: str) -> Path:
    """Return the path of a log file, and create its folder."""
    folder = make_state_directory() / "logs"
    folder.mkdir(exist_ok=True)
    return folder / name


def shown(path: Path) -> str:
    """Return a path for messages: relative to the working directory if that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

"""MiniStack with its gaps filled, in this process."""

from __future__ import annotations

import os
from pathlib import Path

from local_cloud import seams


def run() -> None:
    """Install every bridge and serve until the process is told to end.

    Raises
    ------
    UnsupportedEmulatorError
        The installed MiniStack is not the pinned one.
    """
    seams.check_emulator()
    from local_cloud import athena, crawler, glue_jobs, iam, lambda_errors, step_functions  # noqa: PLC0415 - they import MiniStack

    for bridge in (iam, lambda_errors, glue_jobs, crawler, step_functions):
        bridge.install()
    athena.install(Path(os.environ["LOCAL_CLOUD_STATE"]) / "athena")
    try:
        seams.MAIN.value()
    finally:
        glue_jobs.stop_everything()

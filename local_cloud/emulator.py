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
    from local_cloud import (  # noqa: PLC0415 - they import MiniStack
        async_failures,
        athena,
        crawler,
        glue_jobs,
        iam,
        implied_access,
        lambda_errors,
        rule_targets,
        saving,
        step_functions,
        template_encryption,
    )

    for bridge in (
        iam,
        implied_access,
        template_encryption,
        lambda_errors,
        async_failures,
        glue_jobs,
        crawler,
        step_functions,
        rule_targets,
        saving,
    ):
        bridge.install()
    athena.install(Path(os.environ["LOCAL_CLOUD_STATE"]) / "athena")
    try:
        seams.MAIN.value()
    finally:
        glue_jobs.stop_everything()

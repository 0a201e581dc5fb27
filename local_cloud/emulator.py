"""MiniStack with its gaps filled, in this process."""

from __future__ import annotations

import os
from pathlib import Path

from local_cloud import seams
from local_cloud.environment import HOST
from local_cloud.state_directory import state_cipher


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
        gate,
        glue_jobs,
        iam,
        implied_access,
        lambda_errors,
        lambda_identity,
        rule_targets,
        saving,
        state_encryption,
        step_functions,
        template_encryption,
    )

    for bridge in (
        iam,
        implied_access,
        template_encryption,
        lambda_errors,
        lambda_identity,
        async_failures,
        glue_jobs,
        crawler,
        step_functions,
        rule_targets,
        saving,
    ):
        bridge.install()
    state_directory = Path(os.environ["LOCAL_CLOUD_STATE"])
    athena.install(state_directory / "athena")
    state_encryption.install(state_cipher(state_directory), Path(os.environ["STATE_DIR"]))
    gate.install(f"{HOST}:{os.environ['GATEWAY_PORT']}")
    try:
        seams.MAIN.value()
    finally:
        glue_jobs.stop_everything()

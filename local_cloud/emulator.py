"""Run MiniStack in this process, with the replacements of this package installed."""

from __future__ import annotations

import os
from pathlib import Path

from local_cloud import seams
from local_cloud.environment import HOST
from local_cloud.state.directory import state_cipher


def run() -> None:
    """Install every replacement and serve until the process receives a signal to stop.

    Raises
    ------
    UnsupportedEmulatorError
        The installed MiniStack is not the pinned one.
    """
    seams.check_emulator()
    from local_cloud import athena, template_encryption
    from local_cloud.access import gate
    from local_cloud.events import rule_targets
    from local_cloud.functions import async_failures
    from local_cloud.functions import errors as lambda_errors
    from local_cloud.functions import identity as lambda_identity
    from local_cloud.glue.crawlers import service as crawler
    from local_cloud.glue.jobs import service as glue_jobs
    from local_cloud.iam import implied_access
    from local_cloud.iam import requests as iam
    from local_cloud.monitoring import alarms, embedded_metrics, queue_metrics
    from local_cloud.state import encryption as state_encryption
    from local_cloud.state import saving
    from local_cloud.step_functions import service as step_functions

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
        embedded_metrics,
        queue_metrics,
        alarms,
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

"""Entry point of the trigger function."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.settings import TriggerSettings
from _shared.lambdas.libs.steps.start import start

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CONFIG = decode_text(DatasetConfig, (Path(__file__).parent / "dataset.json").read_bytes(), "dataset.json")
SETTINGS = TriggerSettings.read(os.environ)
EXECUTIONS = Executions.connect()


def handler(event: dict[str, Any] | None, context: LambdaContext) -> dict[str, str]:
    """Start an execution of the dataset's state machine."""
    return start({} if event is None else event, context.aws_request_id, CONFIG, SETTINGS, EXECUTIONS)

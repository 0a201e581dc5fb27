"""Trigger: start an execution. A repeated request gets the same execution name, so the start is idempotent."""

from __future__ import annotations

import json
import re

from _shared.contracts.codec import encode
from _shared.contracts.dataset import DatasetConfig
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.settings import TriggerSettings
from _shared.lambdas.libs.source.http.addresses import addresses
from _shared.lambdas.libs.steps.inputs import parse_trigger

_LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def execution_name(dataset: str, occasion: str) -> str:
    """Build the name of an execution from the dataset and the scheduled time or request id."""
    return _UNSAFE.sub("-", f"{dataset}-{occasion}")[:_LONGEST_NAME].strip("-")


def start(
    payload: object, request_id: str, config: DatasetConfig, settings: TriggerSettings, executions: Executions
) -> dict[str, str]:
    """Validate the payload, and start the dataset's state machine once per scheduled time or request.

    Parameters
    ----------
    payload
        ``{}``, or any of ``force``, ``source_url`` and ``scheduled_at``.
    request_id
        Id of the invocation, the same in a retry by Lambda.

    Returns
    -------
    dict[str, str]
        ``executionArn``, ``name``, and ``startDate`` if this call started the execution.

    Raises
    ------
    InvalidInputError, DisallowedSourceError
        The payload is invalid.
    """
    asked, scheduled_at = parse_trigger(payload, config, settings.rules)
    addresses(config, asked.source_url)
    document = {key: value for key, value in encode(asked).items() if value is not None}
    name = execution_name(config.dataset, scheduled_at or request_id)
    started = executions.start(settings.state_machine, name, json.dumps(document, sort_keys=True))
    LOGGER.append_keys(dataset=config.dataset)
    LOGGER.info("execution started", execution=started.arn)
    answer = {"executionArn": started.arn, "name": name}
    return answer if started.start_date is None else {**answer, "startDate": started.start_date}

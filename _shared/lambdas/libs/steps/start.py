"""The trigger: start an execution under a name that a repeated request finds again."""

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
    """Return the execution's name: dataset and scheduled time or request id, as Step Functions allows it."""
    return _UNSAFE.sub("-", f"{dataset}-{occasion}")[:_LONGEST_NAME].strip("-")


def start(
    payload: object, request_id: str, config: DatasetConfig, settings: TriggerSettings, executions: Executions
) -> dict[str, str]:
    """Check the payload and start the dataset's state machine, once for each occasion.

    Parameters
    ----------
    payload
        ``{}``, or any of ``force``, ``source_url`` and ``scheduled_at``.
    request_id
        Id of the invocation: the same when Lambda retries it.

    Returns
    -------
    dict[str, str]
        ``executionArn``, ``name``, and ``startDate`` where this call started it.

    Raises
    ------
    InvalidInputError, DisallowedSourceError
        The payload has a mistake.
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

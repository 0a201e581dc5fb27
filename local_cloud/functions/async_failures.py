"""Send an asynchronous invocation that failed all its attempts to the function's dead-letter queue, as its role.

MiniStack sends the wrong message there, that of a destination, and checks no permission.
"""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from botocore.exceptions import ClientError

from local_cloud import seams
from local_cloud.events.rule_targets import queue_url
from local_cloud.iam.sessions import RoleNotAssumableError, assume_as_service

_logger = logging.getLogger("local_cloud.functions.async_failures")
_LONGEST_ERROR_MESSAGE = 1024
_FUNCTION_ERROR = "200"
"""HTTP status of an invocation that reached the function, even if the function raised an error."""


def install() -> None:
    """Replace MiniStack's delivery to dead-letter queues."""
    route = seams.ROUTE_ASYNC_FAILURE.value

    def route_async_failure(target_arn: str, name: str, event: Any, result: dict[str, Any]) -> None:
        _, config, _ = seams.FUNCTION_OF_REFERENCE.value(name)
        if not config or target_arn != config.get("DeadLetterConfig", {}).get("TargetArn") or ":sqs:" not in target_arn:
            route(target_arn, name, event, result)
            return
        try:
            send(target_arn, config, event, result)
        except (RoleNotAssumableError, ClientError):
            _logger.exception("A failed event of %s did not reach its dead-letter queue", name)

    seams.ROUTE_ASYNC_FAILURE.replace(route_async_failure)


def send(queue_arn: str, config: dict[str, Any], event: Any, result: dict[str, Any]) -> None:
    """Send the unchanged event, with the error in the message attributes.

    Raises
    ------
    RoleNotAssumableError
        The function's role does not trust Lambda.
    ClientError
        The role may not send to the queue.
    """
    session = assume_as_service(config["Role"], "lambda.amazonaws.com", config["FunctionName"], config["FunctionArn"])
    session.client("sqs").send_message(
        QueueUrl=queue_url(queue_arn), MessageBody=json.dumps(event), MessageAttributes=error_attributes(result)
    )


def error_attributes(result: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the message attributes of a dead letter.

    Source: AWS Lambda Developer Guide, "Adding a dead-letter queue".
    """
    body = result.get("body")
    message = body.get("errorMessage") if isinstance(body, dict) else str(body)
    return {
        "RequestID": {"DataType": "String", "StringValue": str(uuid.uuid4())},
        "ErrorCode": {"DataType": "Number", "StringValue": _FUNCTION_ERROR},
        "ErrorMessage": {"DataType": "String", "StringValue": (message or "unknown")[:_LONGEST_ERROR_MESSAGE]},
    }

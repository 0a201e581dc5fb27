"""Naming of AWS SDK calls in Step Functions: services, actions, members and errors.

Step Functions follows the AWS SDK for Java: members in Pascal case with acronyms as words (``DbClusterArn``), errors as
``<Service>.<Exception>``, timestamps as ISO 8601.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session

_ACRONYM = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|$|[^A-Za-z])")
_SERVICE_NAMES = {"sfn": "stepfunctions", "cloudwatchlogs": "logs", "eventbridge": "events"}
# The optimized integrations are older. They name errors that a service does not declare like SDK version 1.
_OPTIMIZED = {
    "lambda": ("Lambda", "AWSLambdaException"),
    "sns": ("SNS", "AmazonSNSException"),
    "sqs": ("SQS", "AmazonSQSException"),
    "glue": ("Glue", "AWSGlueException"),
    "dynamodb": ("DynamoDB", "AmazonDynamoDBException"),
    "events": ("EventBridge", "AmazonEventBridgeException"),
}


class UnknownMemberError(Exception):
    """The input of a task has a member that the API does not have."""


def client_name(service: str) -> str | None:
    """Return boto3's name of the service of an ``aws-sdk`` resource, or ``None`` if there is none."""
    name = _SERVICE_NAMES.get(service.lower(), service.lower())
    return name if name in botocore.session.get_session().get_available_services() else None


def pascal(name: str) -> str:
    """Return a member's name in Step Functions: ``DBClusterArn`` becomes ``DbClusterArn``."""
    words = _ACRONYM.sub(lambda acronym: acronym.group().capitalize(), name)
    return words[:1].upper() + words[1:]


def to_request(shape: Any, value: Any) -> Any:
    """Rename the members of a task's input to botocore's names.

    Raises
    ------
    UnknownMemberError
        The API has no such member.
    """
    if shape.type_name == "structure" and isinstance(value, dict):
        members = {pascal(name): name for name in shape.members}
        unknown = [name for name in value if pascal(name) not in members]
        if unknown:
            msg = f"The field {unknown[0]!r} is not supported by Step Functions; {shape.name} has {', '.join(members)}"
            raise UnknownMemberError(msg)
        renamed = {members[pascal(name)]: member for name, member in value.items()}
        return {name: to_request(shape.members[name], member) for name, member in renamed.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [to_request(shape.member, entry) for entry in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: to_request(shape.value, entry) for key, entry in value.items()}
    return json.dumps(value) if shape.type_name in {"string", "blob"} and isinstance(value, dict | list) else value


def to_result(shape: Any, value: Any) -> Any:
    """Convert a response of boto3 to a task's result."""
    if shape.type_name == "structure":
        members = {name: entry for name, entry in value.items() if name in shape.members}
        return {pascal(name): to_result(shape.members[name], entry) for name, entry in members.items()}
    if shape.type_name == "list":
        return [to_result(shape.member, entry) for entry in value]
    if shape.type_name == "map":
        return {key: to_result(shape.value, entry) for key, entry in value.items()}
    return _scalar(value)


def error_name(service: str, code: str, *, optimized: bool) -> str:
    """Return the name of an SDK error in ``Retry`` and ``Catch``: ``Glue.CrawlerRunningException``.

    Parameters
    ----------
    service
        boto3's name of the service.
    code
        Error code of the response.
    optimized
        Whether the task is an optimized integration instead of an ``aws-sdk`` one.
    """
    service_id, declared = _declared_errors(service)
    plain = pascal(service_id.replace(" ", ""))
    prefix, base = _OPTIMIZED[service] if optimized else (plain, f"{plain}Exception")
    name = declared.get(code, base)
    return f"{prefix}.{name if name.endswith('Exception') else f'{name}Exception'}"


@cache
def _declared_errors(service: str) -> tuple[str, dict[str, str]]:
    model = botocore.session.get_session().get_service_model(service)
    shapes: list[Any] = list(model.error_shapes)
    return str(model.service_id), {str(shape.error_code): str(shape.name) for shape in shapes}


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = value.read() if hasattr(value, "read") else value
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content

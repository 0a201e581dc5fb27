"""Executions of a dataset's state machine."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from _shared.contracts import naming
from _shared.contracts.codec import encode
from _shared.contracts.workflow import PipelineInput
from lake.aws.connection import Connection
from lake.errors import NotDeployedError

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"


@dataclass(frozen=True)
class Execution:
    """One execution as Step Functions describes it; ``output`` is empty until it succeeds."""

    arn: str
    status: str
    started_at: datetime
    output: dict[str, Any]
    error: str | None = None
    cause: str | None = None


def state_machine_arn(connection: Connection, dataset: str) -> str:
    """Return the ARN of a dataset's state machine."""
    name = naming.state_machine(dataset)
    return f"arn:aws:states:{connection.region}:{connection.account}:stateMachine:{name}"


def start(connection: Connection, pipeline_input: PipelineInput) -> str:
    """Start an execution and return its ARN.

    Raises
    ------
    NotDeployedError
        The dataset has no state machine in this account and region.
    """
    dataset = pipeline_input.dataset
    name = f"lake-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    document = {key: value for key, value in encode(pipeline_input).items() if value is not None}
    client = connection.stepfunctions
    try:
        answer = client.start_execution(
            stateMachineArn=state_machine_arn(connection, dataset), name=name, input=json.dumps(document)
        )
    except client.exceptions.StateMachineDoesNotExist as error:
        raise not_deployed(connection, dataset) from error
    return answer["executionArn"]


def not_deployed(connection: Connection, dataset: str) -> NotDeployedError:
    """Say that a dataset is not deployed, and which command deploys it."""
    return NotDeployedError(
        f"{dataset} is not deployed to {connection.target.description}", f"deploy it with: lake deploy {dataset}"
    )


def describe(connection: Connection, arn: str) -> Execution:
    """Return the present state of an execution."""
    answer = connection.stepfunctions.describe_execution(executionArn=arn)
    return Execution(
        arn=arn,
        status=answer["status"],
        started_at=answer["startDate"],
        output=json.loads(answer.get("output") or "{}"),
        error=answer.get("error"),
        cause=answer.get("cause"),
    )


def history(connection: Connection, arn: str) -> list[dict[str, Any]]:
    """Return every event of an execution, oldest first."""
    pages = connection.stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": 1000}
    )
    return [dict(event) for page in pages for event in page["events"]]


def log_group(connection: Connection, dataset: str) -> str | None:
    """Return the name of the log group that the state machine writes to, ``None`` where it has none."""
    client = connection.stepfunctions
    try:
        answer = client.describe_state_machine(stateMachineArn=state_machine_arn(connection, dataset))
    except client.exceptions.StateMachineDoesNotExist as error:
        raise not_deployed(connection, dataset) from error
    for destination in answer.get("loggingConfiguration", {}).get("destinations", []):
        arn = destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
        if arn:
            return arn.split(":log-group:", 1)[-1].removesuffix(":*")
    return None

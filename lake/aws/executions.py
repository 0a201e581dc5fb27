"""Executions of a dataset's state machine."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from _shared.contracts import naming
from _shared.contracts.codec import encode
from _shared.contracts.workflow import PipelineInput
from lake.aws.connection import Connection, error_message
from lake.errors import NotDeployedError, UserMistakeError

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"


@dataclass(frozen=True)
class Execution:
    """One execution as Step Functions describes it.

    Parameters
    ----------
    output
        Empty until the execution succeeds.
    redrive_count
        Number of redrives.
    given
        Its input; empty if it is unknown.
    """

    arn: str
    status: str
    started_at: datetime
    output: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    cause: str | None = None
    redrive_count: int = 0
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.arn.rsplit(":", 1)[-1]


def execution_arn(connection: Connection, dataset: str, name: str) -> str:
    """Return the ARN of an execution of a dataset's state machine."""
    machine = naming.state_machine(connection.environment, dataset)
    return f"arn:aws:states:{connection.region}:{connection.account}:execution:{machine}:{name}"


def state_machine_arn(connection: Connection, dataset: str) -> str:
    """Return the ARN of a dataset's state machine."""
    name = naming.state_machine(connection.environment, dataset)
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
    """Return the error for a dataset that is not deployed, with the command that deploys it."""
    return NotDeployedError(
        f"{dataset} is not deployed to {connection.target.description}", f"deploy it with: lake deploy {dataset}"
    )


def describe(connection: Connection, arn: str) -> Execution:
    """Return the current state of an execution."""
    answer = connection.stepfunctions.describe_execution(executionArn=arn)
    return Execution(
        arn=arn,
        status=answer["status"],
        started_at=answer["startDate"],
        output=json.loads(answer.get("output") or "{}"),
        given=json.loads(answer.get("input") or "{}"),
        error=answer.get("error"),
        cause=answer.get("cause"),
        redrive_count=answer.get("redriveCount", 0),
    )


def exists(connection: Connection, arn: str) -> bool:
    """Return whether an execution exists."""
    client = connection.stepfunctions
    try:
        client.describe_execution(executionArn=arn)
    except (client.exceptions.ExecutionDoesNotExist, client.exceptions.InvalidArn):
        return False
    return True


def latest(connection: Connection, dataset: str, limit: int, *, running: bool = False) -> list[Execution]:
    """Return a dataset's latest executions, newest first. With ``running``, only those in progress.

    Raises
    ------
    NotDeployedError
        The dataset has no state machine in this account and region.
    """
    client = connection.stepfunctions
    selection: dict[str, Any] = {"statusFilter": RUNNING} if running else {}
    try:
        answer = client.list_executions(
            stateMachineArn=state_machine_arn(connection, dataset), maxResults=limit, **selection
        )
    except client.exceptions.StateMachineDoesNotExist as error:
        raise not_deployed(connection, dataset) from error
    return [Execution(item["executionArn"], item["status"], item["startDate"]) for item in answer["executions"]]


def stop(connection: Connection, arn: str, cause: str) -> None:
    """Stop an execution. It ends as ABORTED with the given cause."""
    connection.stepfunctions.stop_execution(executionArn=arn, cause=cause)


def redrive(connection: Connection, arn: str) -> None:
    """Resume an execution at the step that failed.

    Raises
    ------
    UserMistakeError
        Step Functions cannot resume it: it has not failed, or is older than 14 days.
    """
    client = connection.stepfunctions
    try:
        client.redrive_execution(executionArn=arn)
    except client.exceptions.ExecutionNotRedrivable as error:
        what = f"the run cannot be resumed: {error_message(error)}"
        raise UserMistakeError(what, "start a new one with: lake run DATASET") from error


def history(connection: Connection, arn: str) -> list[dict[str, Any]]:
    """Return every event of an execution, oldest first."""
    pages = connection.stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": 1000}
    )
    return [dict(event) for page in pages for event in page["events"]]


def log_groups(connection: Connection, dataset: str) -> list[str]:
    """Return the log groups of the state machine and of the functions that it invokes."""
    client = connection.stepfunctions
    try:
        answer = client.describe_state_machine(stateMachineArn=state_machine_arn(connection, dataset))
    except client.exceptions.StateMachineDoesNotExist as error:
        raise not_deployed(connection, dataset) from error
    destinations = answer.get("loggingConfiguration", {}).get("destinations", [])
    arns = [destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for destination in destinations]
    own = [arn.split(":log-group:", 1)[-1].removesuffix(":*") for arn in arns if arn]
    return [*own, *(f"/aws/lambda/{name}" for name in _functions(json.loads(answer["definition"])))]


def _functions(definition: dict[str, Any]) -> list[str]:
    called = [state.get("Parameters", {}).get("FunctionName") for state in definition["States"].values()]
    return list(dict.fromkeys(arn.split(":function:", 1)[-1] for arn in called if arn))

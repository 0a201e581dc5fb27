"""Step Functions: what became of an execution, and start one. The one adapter to the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from _shared.contracts.errors import WorkflowBusyError, WorkflowRejectedError
from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws.service_errors import code_of, named_errors
from _shared.lambdas.libs.time_utils import format_timestamp

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

_LIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
_UNKNOWN = frozenset({"ExecutionDoesNotExist", "InvalidArn"})

_PAGE_EVENTS = 1_000
"""The most that GetExecutionHistory answers at once."""

_MOST_EVENTS = 25_000
"""The most that a standard execution can have (Step Functions quotas, "Maximum execution history size")."""


@dataclass(frozen=True)
class StartedExecution:
    """An execution that runs: its ARN, and its start where this call started it."""

    arn: str
    start_date: str | None = None


@dataclass(frozen=True)
class ExecutionStatus:
    """Status as Step Functions names it, and how often the execution has been redriven."""

    status: str
    redrive_count: int = 0

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status in _LIVE


class Executions:
    """Executions of state machines, through a Step Functions client."""

    def __init__(self, client: SFNClient) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Executions:
        """Use the function's own role."""
        return cls(boto3.client("stepfunctions", config=CLIENT_CONFIG))

    def describe(self, execution: str) -> ExecutionStatus | None:
        """Return the status of an execution, by ARN; ``None`` where there is no such execution."""
        with _errors("DescribeExecution", execution):
            try:
                found = self._client.describe_execution(executionArn=execution)
            except ClientError as error:
                if code_of(error) in _UNKNOWN:
                    return None
                raise
            return ExecutionStatus(found["status"], found.get("redriveCount", 0))

    def is_running(self, execution: str) -> bool:
        """Whether an execution, by ARN, has not ended; one that does not exist has."""
        found = self.describe(execution)
        return found is not None and found.is_running

    def history(self, execution: str) -> Iterator[HistoryEventTypeDef]:
        """Yield the events of an execution, by ARN, the newest first, of all its attempts."""
        pages = self._client.get_paginator("get_execution_history").paginate(
            executionArn=execution,
            reverseOrder=True,
            includeExecutionData=True,
            PaginationConfig={"PageSize": _PAGE_EVENTS, "MaxItems": _MOST_EVENTS},
        )
        with _errors("GetExecutionHistory", execution):
            for page in pages:
                yield from page["events"]

    def start(self, state_machine: str, name: str, document: str) -> StartedExecution:
        """Start an execution under a name, or find the one that has it already."""
        with _errors("StartExecution", state_machine):
            try:
                answer = self._client.start_execution(stateMachineArn=state_machine, name=name, input=document)
            except ClientError as error:
                if code_of(error) == "ExecutionAlreadyExists":
                    return StartedExecution(execution_arn(state_machine, name))
                raise
            return StartedExecution(answer["executionArn"], format_timestamp(answer["startDate"]))


def execution_arn(state_machine: str, name: str) -> str:
    """Return the ARN of a named execution of a state machine."""
    return f"{state_machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def _errors(action: str, resource: str) -> AbstractContextManager[None]:
    return named_errors(f"states:{action}", resource, WorkflowBusyError, WorkflowRejectedError)

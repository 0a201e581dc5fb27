"""Adapter to Step Functions: start, describe and read the history of executions."""

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
"""Maximum page size of GetExecutionHistory."""

_MOST_EVENTS = 25_000
"""Maximum events of a standard execution (Step Functions quotas, "Maximum execution history size")."""


@dataclass(frozen=True)
class StartedExecution:
    """ARN of an execution, and its start time if this call started it."""

    arn: str
    start_date: str | None = None


@dataclass(frozen=True)
class ExecutionStatus:
    """Status of an execution in Step Functions, and its number of redrives."""

    status: str
    redrive_count: int = 0

    @property
    def is_running(self) -> bool:
        """Whether the execution has not ended."""
        return self.status in _LIVE


class Executions:
    """Executions of state machines."""

    def __init__(self, client: SFNClient) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Executions:
        """Create the adapter with the function's role."""
        return cls(boto3.client("stepfunctions", config=CLIENT_CONFIG))

    def describe(self, execution: str) -> ExecutionStatus | None:
        """Return the status of the execution with an ARN; ``None`` if it does not exist."""
        with _errors("DescribeExecution", execution):
            try:
                found = self._client.describe_execution(executionArn=execution)
            except ClientError as error:
                if code_of(error) in _UNKNOWN:
                    return None
                raise
            return ExecutionStatus(found["status"], found.get("redriveCount", 0))

    def is_running(self, execution: str) -> bool:
        """Whether the execution with an ARN is running; false if it does not exist."""
        found = self.describe(execution)
        return found is not None and found.is_running

    def history(self, execution: str) -> Iterator[HistoryEventTypeDef]:
        """Yield the events of all attempts of the execution with an ARN, newest first."""
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
        """Start an execution with a name, or return the existing one with that name. Idempotent."""
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

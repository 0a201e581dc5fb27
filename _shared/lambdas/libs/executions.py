"""Step Functions: is an execution still running, and start one. The one adapter to the service."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from _shared.lambdas.libs.aws_errors import code_of, named_errors
from _shared.lambdas.libs.errors import WorkflowBusyError, WorkflowRejectedError
from _shared.lambdas.libs.time_utils import format_timestamp

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_LIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
_UNKNOWN = frozenset({"ExecutionDoesNotExist", "InvalidArn"})


@dataclass(frozen=True)
class StartedExecution:
    """An execution that runs: its ARN, and its start where this call started it."""

    arn: str
    start_date: str | None = None


class Executions:
    """Executions of state machines, through a Step Functions client."""

    def __init__(self, client: SFNClient) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Executions:
        """Use the function's own role."""
        return cls(boto3.client("stepfunctions"))

    def is_running(self, execution: str) -> bool:
        """Whether an execution, by ARN, has not ended; one that does not exist has."""
        with _errors("DescribeExecution", execution):
            try:
                return self._client.describe_execution(executionArn=execution)["status"] in _LIVE
            except ClientError as error:
                if code_of(error) in _UNKNOWN:
                    return False
                raise

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

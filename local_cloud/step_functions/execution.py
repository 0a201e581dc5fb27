"""The execution that a Step Functions task belongs to, and whether it is still running."""

from __future__ import annotations

import contextvars
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from local_cloud.iam.sessions import RoleSession, assume_as_service

LAMBDA_READ_SECONDS = 960.0
"""Longer than the longest time-out of a Lambda function."""

changing_status = threading.RLock()
"""Held while an execution's status changes, so that an execution ends only once."""


class ExecutionEndedError(BaseException):
    """The execution was aborted or has timed out. Retry and Catch must not handle this."""


@dataclass(frozen=True)
class Execution:
    """A running execution.

    Parameters
    ----------
    record
        MiniStack's record of the execution. Its ``status`` is RUNNING until the execution ends.
    role_arn
        Role of the state machine. Every task acts as this role.
    redrive_count
        Number of redrives when this attempt began. It tells this attempt from a later redrive.
    abandoned
        Set when the current task exceeded its own ``TimeoutSeconds``.
    """

    record: dict[str, Any]
    role_arn: str
    redrive_count: int = 0
    abandoned: threading.Event = field(default_factory=threading.Event)

    @property
    def goes_on(self) -> bool:
        """Whether the execution still needs the result of its task."""
        is_same_attempt = redrive_count_of(self.record) == self.redrive_count
        return self.record["status"] == "RUNNING" and is_same_attempt and not self.abandoned.is_set()

    def client(self, service: str) -> Any:
        """Return a boto3 client that acts as the state machine's role.

        Raises
        ------
        RoleNotAssumableError
            The role does not exist or does not trust Step Functions.
        """
        return _client(_session(self.record["executionArn"], self.record["stateMachineArn"], self.role_arn), service)


current: contextvars.ContextVar[Execution | None] = contextvars.ContextVar("execution", default=None)


def redrive_count_of(record: dict[str, Any]) -> int:
    """Return the number of redrives of an execution."""
    return int(record.get("redriveCount", 0))


@lru_cache(maxsize=256)
def _session(execution_arn: str, state_machine_arn: str, role_arn: str) -> RoleSession:
    """One session for each execution, as on AWS: a change of the trust policy affects the next execution."""
    return assume_as_service(role_arn, "states.amazonaws.com", execution_arn.rsplit(":", 1)[-1], state_machine_arn)


@lru_cache(maxsize=256)
def _client(session: RoleSession, service: str) -> Any:
    return session.client(service, read_timeout=LAMBDA_READ_SECONDS)

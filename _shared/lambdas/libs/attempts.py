"""One attempt of an execution: its first, or a redrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from _shared.contracts.errors import ContractError
from _shared.contracts.messages import listed
from _shared.lambdas.libs.time_utils import parse_timestamp, run_id


@dataclass(frozen=True)
class Attempt:
    """Which attempt of which execution.

    Parameters
    ----------
    execution
        ARN; a redrive keeps it.
    started_at
        Start of the first attempt, ISO 8601; a redrive keeps it.
    redrive_count
        0 for the first attempt.
    redriven_at
        Start of this attempt where it is a redrive, aware.
    """

    execution: str
    started_at: str
    redrive_count: int = 0
    redriven_at: datetime | None = None

    @property
    def run_id(self) -> str:
        """Name of the run, the same for every attempt."""
        return run_id(self.started_at, self.execution)


def attempt_of(context: Mapping[str, object]) -> Attempt:
    """Read ``$$.Execution`` of Step Functions' context object, which has no ``RedriveTime`` before a redrive.

    Raises
    ------
    ContractError
        It has no ``Id`` or no ``StartTime``.
    """
    arn, started_at = context.get("Id"), context.get("StartTime")
    if not isinstance(arn, str) or not isinstance(started_at, str):
        found = listed(sorted(map(str, context))) or "none"
        msg = f"event: execution: expected Id and StartTime, both strings (found {found})"
        raise ContractError(msg, 'pass {"execution.$": "$$.Execution"}')
    count, redriven_at = context.get("RedriveCount"), context.get("RedriveTime")
    return Attempt(
        arn,
        started_at,
        count if isinstance(count, int) else 0,
        parse_timestamp(redriven_at) if isinstance(redriven_at, str) else None,
    )

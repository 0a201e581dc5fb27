"""One attempt of an execution: the first one or a redrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from _shared.contracts.errors import ContractError
from _shared.contracts.messages import listed
from _shared.lambdas.libs.time_utils import parse_timestamp, run_id


@dataclass(frozen=True)
class Attempt:
    """One attempt of an execution.

    Parameters
    ----------
    execution
        ARN of the execution, the same for all attempts.
    started_at
        Start of the first attempt, ISO 8601, the same for all attempts.
    redrive_count
        0 for the first attempt.
    redriven_at
        Start of this attempt if it is a redrive, timezone-aware.
    """

    execution: str
    started_at: str
    redrive_count: int = 0
    redriven_at: datetime | None = None

    @property
    def run_id(self) -> str:
        """Id of the run, the same for all attempts."""
        return run_id(self.started_at, self.execution)


def attempt_of(context: Mapping[str, object]) -> Attempt:
    """Parse ``$$.Execution`` of Step Functions' context object. ``RedriveTime`` exists only after a redrive.

    Raises
    ------
    ContractError
        ``Id`` or ``StartTime`` is missing.
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

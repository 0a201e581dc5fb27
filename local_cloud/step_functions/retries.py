"""Waits of Step Functions, before a retry and in a Wait state, scaled by ``SFN_WAIT_SCALE``."""

from __future__ import annotations

import random
import time
from typing import Any

from local_cloud import seams
from local_cloud.step_functions.execution import ExecutionEndedError, current

_POLL_SECONDS = 0.2


def install() -> None:
    """Replace MiniStack's waits, which ignore ``MaxDelaySeconds``, jitter and the end of an execution."""
    find = seams.FIND_RETRIER.value

    def find_and_wait(retriers: list[dict[str, Any]], error: str, counts: dict[int, int]) -> tuple[Any, int]:
        """Find a retrier and wait. MiniStack limits its own wait to a minute, so it gets a delay of zero."""
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return None, index
        wait(delay(retrier, counts.get(index, 0)))
        return {**retrier, "IntervalSeconds": 0}, index

    seams.FIND_RETRIER.replace(find_and_wait)
    seams.SCALED_SLEEP.replace(wait)


def delay(retrier: dict[str, Any], retries: int) -> float:
    """Return the seconds, unscaled, before the next retry.

    Parameters
    ----------
    retries
        Number of retries by this retrier so far.
    """
    interval, rate = retrier.get("IntervalSeconds", 1), retrier.get("BackoffRate", 2.0)
    longest = min(float(interval * rate**retries), float(retrier.get("MaxDelaySeconds", float("inf"))))
    return random.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest  # noqa: S311 - no secret


def wait(seconds: float) -> None:
    """Wait in scaled time.

    Raises
    ------
    ExecutionEndedError
        The execution ended during the wait.
    """
    execution = current.get()
    deadline = time.monotonic() + seconds * seams.WAIT_SCALE.value
    while (left := deadline - time.monotonic()) > 0:
        if execution is not None and not execution.goes_on:
            raise ExecutionEndedError
        time.sleep(min(left, _POLL_SECONDS))

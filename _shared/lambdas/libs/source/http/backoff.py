"""Waiting time before a retry."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from _shared.lambdas.libs.time_utils import utc_now


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with full jitter; ``Retry-After`` of the server takes precedence.

    Parameters
    ----------
    attempts
        Maximum number of requests, including the first.
    base_seconds, cap_seconds
        The n-th pause is uniformly distributed from 0 to ``min(cap, base * 2**(n - 1))``.
    longest_retry_after_seconds
        Upper limit for ``Retry-After``, because the duration of the function is limited.
    sleep, draw
        Functions that wait, and draw a uniform random number from 0 to 1.
    """

    attempts: int = 5
    base_seconds: float = 1.0
    cap_seconds: float = 20.0
    longest_retry_after_seconds: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep)
    draw: Callable[[], float] = field(default=random.random)

    def pause(self, failures: int, retry_after: str | None = None, *, at_most: float = math.inf) -> None:
        """Wait before the next attempt, after ``failures`` (from 1), for no longer than ``at_most`` seconds."""
        wish = _seconds(retry_after)
        if wish is None:
            ceiling = min(self.cap_seconds, self.base_seconds * 2.0 ** (failures - 1))
            wait = self.draw() * ceiling
        else:
            wait = min(wish, self.longest_retry_after_seconds)
        self.sleep(min(wait, at_most))


def _seconds(retry_after: str | None) -> float | None:
    """Parse ``Retry-After``: seconds or an HTTP date (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max((aware - utc_now()).total_seconds(), 0.0)

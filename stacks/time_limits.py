"""How long each step may take, and how that bounds a run: read together, so that they stay consistent.

A step's own limit is the shortest, the state machine waits somewhat longer for it, and the whole run longer than all
of its steps: what ends a step is always the limit that is nearest to it and says most.
"""

from __future__ import annotations

from aws_cdk import Duration

from config.sources import DOWNLOADS_SECONDS

_UNPACKING = Duration.minutes(5)
FETCH = Duration.seconds(DOWNLOADS_SECONDS + int(_UNPACKING.to_seconds()))
"""Lambda's longest, 15 minutes: a download that takes too long is told by name before the function is ended."""

CRAWL_CALL = Duration.minutes(1)
UPDATE = Duration.minutes(5)
RECORD_FAILURE = Duration.minutes(2)
TRIGGER = Duration.seconds(30)

CRAWL_POLL_SECONDS = 15
CRAWL_MOST_POLLS = 120
"""Half an hour for the crawl of a run, and for one that is going already when it is to start."""

_FUNCTION_MARGIN = Duration.seconds(30)
_JOB_START_MARGIN = Duration.minutes(15)
"""What a job run may wait for capacity before its own time-out starts to count."""

_STEPS_BESIDE_THE_JOBS = Duration.hours(4)


def wait_for_function(limit: Duration) -> int:
    """Return how many seconds the state machine waits for a function that may take ``limit``."""
    return int(limit.to_seconds() + _FUNCTION_MARGIN.to_seconds())


def wait_for_job(job_timeout_minutes: int) -> int:
    """Return how many seconds the state machine waits for a job run."""
    return job_timeout_minutes * 60 + int(_JOB_START_MARGIN.to_seconds())


def longest_run(job_timeout_minutes: int) -> Duration:
    """Return when an execution is given up: both jobs at their limit, and the other steps with their retries.

    A lease lasts as long, so that no run outlives its own.
    """
    return Duration.minutes(2 * job_timeout_minutes + int(_STEPS_BESIDE_THE_JOBS.to_minutes()))

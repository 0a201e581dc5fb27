"""Retries of the state machine: for named transient errors, never for all of ``States.TaskFailed``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from _shared.contracts.errors import transient_error_names

LAMBDA_SERVICE_ERRORS = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
LAMBDA_CRASHES = (
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
)
"""Errors of a function that returned no response: its process ended, ran out of memory or timed out.

The name depends on the version of the runtime. All functions are idempotent and may be retried.
"""
GLUE_SERVICE_ERRORS = (
    "Glue.ConcurrentRunsExceededException",
    "Glue.ResourceNumberLimitExceededException",
    "Glue.OperationTimeoutException",
    "Glue.InternalServiceException",
    "Glue.ThrottlingException",
    "Glue.AWSGlueException",
    "Glue.ResourceNotReadyException",
    "Glue.SdkClientException",
)


def retry(errors: Sequence[str], *, interval_seconds: int, attempts: int, longest_seconds: int) -> dict[str, Any]:
    """Return a retrier with exponential back-off, a maximum delay and full jitter."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": interval_seconds,
        "MaxAttempts": attempts,
        "BackoffRate": 2,
        "MaxDelaySeconds": longest_seconds,
        "JitterStrategy": "FULL",
    }


def function_retries() -> list[dict[str, Any]]:
    """Return the retriers of a Lambda task: for the platform's transient errors, Lambda's errors, and crashes."""
    return [
        retry(transient_error_names(), interval_seconds=10, attempts=5, longest_seconds=300),
        retry(LAMBDA_SERVICE_ERRORS, interval_seconds=2, attempts=6, longest_seconds=60),
        # Few attempts: a function that ran out of memory or time is likely to do so again.
        retry(LAMBDA_CRASHES, interval_seconds=5, attempts=2, longest_seconds=60),
    ]


def job_retries() -> list[dict[str, Any]]:
    """Return the retriers of a job, for errors of Glue's API. For a run that failed see :mod:`stacks.steps.job`."""
    return [retry(GLUE_SERVICE_ERRORS, interval_seconds=15, attempts=6, longest_seconds=300)]

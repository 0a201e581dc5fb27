"""What the state machine retries: named transient errors, never a blanket ``States.TaskFailed``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from _shared.contracts.error_names import TRANSIENT_ERROR_NAMES

LAMBDA_SERVICE_ERRORS = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
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
CRAWLER_BUSY_ERRORS = ("Glue.CrawlerRunningException", "Glue.CrawlerStoppingException")
MESSAGING_SERVICE_ERRORS = (
    "SNS.InternalErrorException",
    "SNS.ThrottledException",
    "SNS.KmsThrottlingException",
    "SNS.SdkClientException",
    "SQS.RequestThrottledException",
    "SQS.KmsThrottledException",
    "SQS.SdkClientException",
)


def retry(errors: Sequence[str], *, interval_seconds: int, attempts: int, longest_seconds: int) -> dict[str, Any]:
    """Return a retrier with exponential back-off, a longest delay and full jitter."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": interval_seconds,
        "MaxAttempts": attempts,
        "BackoffRate": 2,
        "MaxDelaySeconds": longest_seconds,
        "JitterStrategy": "FULL",
    }


def function_retries() -> list[dict[str, Any]]:
    """Return the retriers of a Lambda task: the platform's transient errors, and the service's own."""
    return [
        retry(TRANSIENT_ERROR_NAMES, interval_seconds=10, attempts=5, longest_seconds=300),
        retry(LAMBDA_SERVICE_ERRORS, interval_seconds=2, attempts=6, longest_seconds=60),
    ]


def glue_retries() -> list[dict[str, Any]]:
    """Return the retriers of a Glue call: it could not start, or could not be asked. A failed job is not among them."""
    return [retry(GLUE_SERVICE_ERRORS, interval_seconds=15, attempts=6, longest_seconds=300)]


def crawl_start_retries() -> list[dict[str, Any]]:
    """Return the retriers of a crawl's start: a crawl that runs already is waited for, then ours is started."""
    busy = retry(CRAWLER_BUSY_ERRORS, interval_seconds=15, attempts=40, longest_seconds=60)
    return [busy, *glue_retries()]


def messaging_retries() -> list[dict[str, Any]]:
    """Return the retriers of the alert and of the dead letter."""
    return [retry(MESSAGING_SERVICE_ERRORS, interval_seconds=2, attempts=6, longest_seconds=60)]

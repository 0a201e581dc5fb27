"""Names of the errors that the state machine retries by name. It catches none.

AWS Lambda reports an error under its class name, so these are what a ``Retry`` matches on. The
classes themselves are in :mod:`_shared.lambdas.libs.errors`; a test keeps the two in step.
"""

from __future__ import annotations

CRAWL_RUNNING_ERROR_NAME = "CrawlRunningError"
"""Retried at a steady pace, and more often than the others: a crawl takes minutes even where nothing is wrong."""

TRANSIENT_ERROR_NAMES: tuple[str, ...] = (
    "AlertBusyError",
    "CatalogBusyError",
    "LeaseHeldError",
    "LeaseLostError",
    "ManifestConflictError",
    "SlowDownloadError",
    "SourceKeyBusyError",
    "SourceUnavailableError",
    "StorageThrottledError",
    "TruncatedDownloadError",
    "WorkflowBusyError",
)

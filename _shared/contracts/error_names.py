"""Names of the errors that the state machine retries or catches by name.

AWS Lambda reports an error under its class name, so these are what a ``Retry`` matches on. The
classes themselves are in :mod:`_shared.lambdas.libs.errors`; a test keeps the two in step.
"""

from __future__ import annotations

INVALID_INPUT_ERROR_NAME = "InvalidInputError"
"""The one error that the state machine catches by name: the caller's input cannot be built upon."""

TRANSIENT_ERROR_NAMES: tuple[str, ...] = (
    "CatalogBusyError",
    "LeaseHeldError",
    "ManifestConflictError",
    "SourceUnavailableError",
    "StorageThrottledError",
    "TruncatedDownloadError",
    "WorkflowBusyError",
)

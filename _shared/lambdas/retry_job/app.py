"""Entry point of the RetryJob function."""

from __future__ import annotations

from typing import Any

from _shared.contracts.codec import decode, encode
from _shared.contracts.workflow import RetryRequest
from _shared.lambdas.libs.steps.retry import retry_job


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return when to repeat a failed job, or fail."""
    return encode(retry_job(decode(RetryRequest, event, "event")))

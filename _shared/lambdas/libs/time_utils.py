"""Timestamps in UTC, and run ids."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from _shared.contracts.errors import InvalidInputError
from _shared.contracts.messages import shown

_EXECUTION_HASH_DIGITS = 8


def utc_now() -> datetime:
    """Return the current time in UTC, timezone-aware."""
    return datetime.now(UTC)


def parse_timestamp(text: str) -> datetime:
    """Parse an ISO 8601 time to UTC; a time without offset is interpreted as UTC.

    Raises
    ------
    InvalidInputError
        The text is not an ISO 8601 time, or its UTC year is not within 1 to 9999.
    """
    try:
        return _utc(datetime.fromisoformat(text))
    except (TypeError, ValueError, OverflowError) as error:
        msg = f"{shown(text)} is not an ISO 8601 time"
        raise InvalidInputError(msg, "write it like 2019-04-29T06:30:00Z") from error


def format_timestamp(moment: datetime) -> str:
    """Format a time as ISO 8601 in UTC with milliseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run_id(started_at: str, execution: str) -> str:
    """Build the run id: UTC start time and a hash of the execution's ARN. It is the same for all attempts.

    Parameters
    ----------
    started_at
        Start of the execution, ISO 8601.
    execution
        ARN of the execution.
    """
    moment = parse_timestamp(started_at)
    digest = hashlib.sha256(execution.encode()).hexdigest()[:_EXECUTION_HASH_DIGITS]
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest}"


def http_date(text: str | None) -> date | None:
    """Return the UTC date of an HTTP date (RFC 9110, 5.6.7), ``None`` if missing or invalid."""
    if not text:
        return None
    try:
        return _utc(parsedate_to_datetime(text)).date()
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

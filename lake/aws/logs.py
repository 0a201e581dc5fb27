"""Log lines from Amazon CloudWatch Logs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lake.aws.connection import Connection

MILLISECONDS = 1000
JOB_GROUPS = ("/aws-glue/jobs/output", "/aws-glue/jobs/error")
"""Log groups of Glue jobs: standard output, and standard error with Spark's log."""

CRAWLER_GROUP = "/aws-glue/crawlers"


@dataclass(frozen=True)
class LogLine:
    """One event of a log stream."""

    at: datetime
    stream: str
    message: str


@dataclass(frozen=True)
class LogRequest:
    """Request for the last ``limit`` lines of a log group between two times, from some streams or all."""

    group: str
    start: datetime
    end: datetime
    streams: tuple[str, ...] = ()
    limit: int = 100


def read(connection: Connection, request: LogRequest) -> list[LogLine] | None:
    """Return the last lines of a log group, oldest first, or ``None`` if the group or stream does not exist."""
    client = connection.logs
    selection: dict[str, Any] = {"logStreamNames": list(request.streams)} if request.streams else {}
    lines: deque[LogLine] = deque(maxlen=request.limit)
    try:
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=request.group,
            startTime=int(request.start.timestamp() * MILLISECONDS),
            endTime=int(request.end.timestamp() * MILLISECONDS),
            **selection,
        )
        for page in pages:
            lines.extend(
                LogLine(
                    at=datetime.fromtimestamp(event["timestamp"] / MILLISECONDS, UTC),
                    stream=event.get("logStreamName", ""),
                    message=event["message"].rstrip("\n"),
                )
                for event in page["events"]
            )
    except client.exceptions.ResourceNotFoundException:
        return None
    return list(lines)

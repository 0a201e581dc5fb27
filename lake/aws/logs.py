"""Log lines from Amazon CloudWatch Logs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lake.aws.connection import Connection

MILLISECONDS = 1000
JOB_GROUPS = ("/aws-glue/jobs/output", "/aws-glue/jobs/error")
"""Where Glue jobs write: their standard output, and everything Spark says."""

CRAWLER_GROUP = "/aws-glue/crawlers"


@dataclass(frozen=True)
class LogLine:
    """One event of a log stream."""

    at: datetime
    stream: str
    message: str


@dataclass(frozen=True)
class LogRequest:
    """What to read: the last ``limit`` lines of a group between two instants, of some streams or of all."""

    group: str
    start: datetime
    end: datetime
    streams: tuple[str, ...] = ()
    limit: int = 100


def read(connection: Connection, request: LogRequest) -> list[LogLine] | None:
    """Return the last lines of a log group, oldest first; ``None`` where there is no such group or stream."""
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

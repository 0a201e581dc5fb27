"""Log lines from Amazon CloudWatch Logs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lake.aws.connection import Connection

MILLISECONDS = 1000
CRAWLER_GROUP = "/aws-glue/crawlers"
_DEFAULT_JOB_PREFIX = "/aws-glue/jobs"


@dataclass(frozen=True)
class LogLine:
    """One event of a log stream."""

    at: datetime
    stream: str
    message: str


@dataclass(frozen=True)
class LogRequest:
    """Request for the last ``limit`` lines of a log group between two times.

    Parameters
    ----------
    stream
        Beginning of the names of the streams; empty for all. Glue names those of a job run after the run.
    source
        Short name of the step or resource that writes the log, for people.
    """

    group: str
    start: datetime
    end: datetime
    stream: str = ""
    limit: int = 100
    source: str = ""


def job_groups(connection: Connection, job: str, run_id: str, owned: str) -> list[str]:
    """Return the log groups of a job run: standard output, and standard error with Spark's log.

    Parameters
    ----------
    owned
        The prefix that the job is deployed with. The run's own record is asked first: with a security configuration,
        Glue may append its name and the role's.
    """
    try:
        told = connection.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"].get("LogGroupName", "").rstrip("/")
    except connection.glue.exceptions.EntityNotFoundException:
        told = ""
    prefix = owned if told in {"", _DEFAULT_JOB_PREFIX} else told
    return [f"{prefix}/output", f"{prefix}/error"]


def crawler_log(connection: Connection, crawler: str) -> tuple[str, str]:
    """Return log group and stream of a crawler's last crawl."""
    try:
        last = connection.glue.get_crawler(Name=crawler)["Crawler"].get("LastCrawl", {})
    except connection.glue.exceptions.EntityNotFoundException:
        last = {}
    return last.get("LogGroup") or CRAWLER_GROUP, last.get("LogStream") or crawler


def read(connection: Connection, request: LogRequest) -> list[LogLine] | None:
    """Return the last lines of a log group, oldest first, or ``None`` if the group or stream does not exist."""
    client = connection.logs
    selection: dict[str, Any] = {"logStreamNamePrefix": request.stream} if request.stream else {}
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
                # The local cloud returns the events of all streams.
                if event.get("logStreamName", "").startswith(request.stream)
            )
    except client.exceptions.ResourceNotFoundException:
        return None
    return list(lines)

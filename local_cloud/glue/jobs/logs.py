"""Write the logs of a Glue job or crawler to CloudWatch Logs, with the permissions of its role."""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

JOB_GROUP_PREFIX = "/aws-glue/jobs"
PREFIX_ARGUMENT = "--custom-logGroup-prefix"
"""Argument of a job that replaces the prefix. Source: AWS Glue Developer Guide, "Logging for AWS Glue jobs"."""
CRAWLER_GROUP = "/aws-glue/crawlers"
_MOST_EVENTS, _LONGEST_EVENT = 1000, 8000
_logger = logging.getLogger("local_cloud.glue.jobs.logs")


class LogStream:
    """One log stream. The group and the stream are created with the first line.

    If a write is denied, the error is written once to the emulator's log and logging stops. As on AWS, the job or
    crawler continues.

    Parameters
    ----------
    client
        CloudWatch Logs client of the role.
    """

    def __init__(self, client: Any, group: str, stream: str) -> None:
        self._client, self._group, self._stream = client, group, stream
        self._made, self._refused = False, False

    def write(self, lines: list[str]) -> None:
        """Append lines; empty lines are skipped."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line[:_LONGEST_EVENT]} for line in lines if line.strip()]
        if self._refused or not events:
            return
        try:
            self._make()
            for first in range(0, len(events), _MOST_EVENTS):
                batch = events[first : first + _MOST_EVENTS]
                self._client.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=batch)
        except (ClientError, BotoCoreError) as error:
            self._refused = True
            _logger.warning("log stream %s of %s could not be written: %s", self._stream, self._group, error)

    def _make(self) -> None:
        if self._made:
            return
        existing = self._client.exceptions.ResourceAlreadyExistsException
        with contextlib.suppress(existing):
            self._client.create_log_group(logGroupName=self._group)
        with contextlib.suppress(existing):
            self._client.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
        self._made = True


class FileShipper:
    """Sends new lines of a file to a log stream."""

    def __init__(self, file: Path, stream: LogStream) -> None:
        self._file, self._stream, self._offset = file, stream, 0

    def ship(self, *, final: bool = False) -> None:
        """Send the complete lines; with ``final``, also an incomplete last line."""
        if not self._file.is_file():
            return
        with self._file.open("rb") as file:
            file.seek(self._offset)
            gained = file.read()
        complete = gained if final else gained[: gained.rfind(b"\n") + 1]
        self._offset += len(complete)
        self._stream.write(complete.decode("utf-8", "replace").splitlines())

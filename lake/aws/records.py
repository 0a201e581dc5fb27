"""A dataset's manifest and run records in the lake bucket."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from _shared.contracts import layout, naming
from _shared.contracts.codec import decode_text
from _shared.contracts.manifest import Manifest
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import RunRecord
from lake.aws.connection import Connection, error_code
from lake.errors import NotDeployedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MISSING_OBJECT = {"NoSuchKey", "404"}
_MISSING_BUCKET = {"NoSuchBucket"}
_AMONG = 20
"""Number of latest runs that are searched for the record of an execution."""


class RecordStore:
    """Reads the manifests and run records that the pipelines write.

    Parameters
    ----------
    connection
        The target.
    prefix
        Prefix of the lake bucket's name.
    """

    def __init__(self, connection: Connection, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix

    @property
    def bucket(self) -> str:
        """Name of the lake bucket."""
        return naming.lake_bucket(self._prefix, self._connection.account, self._connection.region)

    def manifest(self, dataset: str) -> Manifest | None:
        """Return a dataset's manifest, or ``None`` if nothing is published."""
        text = self._read(layout.manifest_key(dataset))
        return None if text is None else decode_text(Manifest, text, self._address(layout.manifest_key(dataset)))

    def run(self, dataset: str, run_id: str, redrive_count: int = 0) -> RunRecord | None:
        """Return the record of one attempt of a run, or ``None`` if it does not exist yet."""
        key = layout.run_record_key(dataset, run_id, redrive_count)
        text = self._read(key)
        return None if text is None else decode_text(RunRecord, text, self._address(key))

    def report(self, dataset: str, run_id: str, layer: str) -> JobReport | None:
        """Return the report of a job, or ``None`` if it wrote none."""
        key = layout.report_key(dataset, run_id, layer)
        text = self._read(key)
        return None if text is None else decode_text(JobReport, text, self._address(key))

    def runs(self, dataset: str, limit: int) -> list[RunRecord]:
        """Return the latest runs, newest first."""
        return list(islice(self._newest_first(dataset), limit))

    def run_of_execution(self, dataset: str, execution: str, redrive_count: int = 0) -> RunRecord | None:
        """Return the record of one attempt of an execution. Only the latest runs are searched."""
        latest = islice(self._newest_first(dataset), _AMONG)
        wanted = (execution, redrive_count)
        return next((record for record in latest if (record.execution, record.redrive_count) == wanted), None)

    def _newest_first(self, dataset: str) -> Iterator[RunRecord]:
        # A run id begins with its start time in UTC, so keys are in order of time.
        for run_id in sorted(self._run_ids(dataset), reverse=True):
            record = self.run(dataset, run_id)
            if record is not None:
                yield record

    def _run_ids(self, dataset: str) -> list[str]:
        prefix = layout.runs_prefix(dataset)
        pages = self._connection.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        try:
            keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        except ClientError as error:
            raise self._translated(error) from error
        return [key.removeprefix(prefix).removesuffix(".json") for key in keys if key.endswith(".json")]

    def _read(self, key: str) -> bytes | None:
        try:
            return self._connection.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error_code(error) in _MISSING_OBJECT:
                return None
            raise self._translated(error) from error

    def _translated(self, error: ClientError) -> Exception:
        if error_code(error) not in _MISSING_BUCKET:
            return error
        return NotDeployedError(
            f"there is no lake at {self._connection.target.description} (bucket {self.bucket})",
            "deploy it with: lake deploy",
        )

    def _address(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

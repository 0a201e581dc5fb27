"""Quality report and Data Docs of a run, read from the lake bucket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from _shared.contracts import layout
from _shared.contracts.codec import decode_text
from _shared.contracts.report import CheckResult, JobReport
from lake.aws.connection import Connection
from lake.errors import UserMistakeError

_INDEX, _SILVER = "index", "silver"


@dataclass(frozen=True)
class QualityReport:
    """Checks of a run, and its pages by file name."""

    checks: tuple[CheckResult, ...]
    pages: dict[str, bytes]

    def save(self, folder: Path) -> Path:
        """Write the pages into a folder; return the path of the first."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.pages.items():
            (folder / name).write_bytes(content)
        return folder / f"{_INDEX}.html"


def find_report(connection: Connection, bucket: str, dataset: str, run_id: str) -> QualityReport:
    """Read the report of a run.

    Raises
    ------
    UserMistakeError
        The run has none: it failed before its tables were checked.
    """
    prefix = layout.data_docs_key(dataset, run_id, _INDEX).rpartition("/")[0]
    listed = connection.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    keys = [item["Key"] for page in listed for item in page.get("Contents", [])]
    if layout.data_docs_key(dataset, run_id, _INDEX) not in keys:
        msg = f"{dataset}: run {run_id} has no quality report: it ended before its tables were checked"
        raise UserMistakeError(msg, f"see why with: lake watch {dataset} {run_id}")
    pages = {PurePosixPath(key).name: _read(connection, bucket, key) for key in keys}
    key = layout.report_key(dataset, run_id, _SILVER)
    report = decode_text(JobReport, _read(connection, bucket, key), f"s3://{bucket}/{key}")
    return QualityReport(report.checks, pages)


def _read(connection: Connection, bucket: str, key: str) -> bytes:
    return connection.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

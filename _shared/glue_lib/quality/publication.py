"""Publish the results of a run's checks: the report page, and the rows of the catalog's table of results."""

from __future__ import annotations

import io

import pyarrow as pa
from pyarrow import parquet

from _shared.contracts.layout import data_docs_key, quality_results_key
from _shared.contracts.quality.results import COLUMNS
from _shared.contracts.release import Release
from _shared.contracts.report import JobReport
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.quality.report_page import page

INDEX = "index"
_TYPES = {"string": pa.string(), "boolean": pa.bool_()}


def publish_results(lake: Lake, report: JobReport, release: Release) -> None:
    """Write the page and the rows. They exist for runs that are not published, too."""
    lake.write_text(data_docs_key(report.dataset, report.run_id, INDEX), page(report, release.version), "text/html")
    lake.write_bytes(quality_results_key(report.dataset, report.run_id), rows_of(report, release))


def rows_of(report: JobReport, release: Release) -> bytes:
    """Return the Parquet file of a run's checks."""
    rows = [
        {
            "dataset": report.dataset,
            "run_id": report.run_id,
            "version": release.version,
            "table_name": check.table,
            "column_name": check.column,
            "check_name": check.name,
            "severity": check.severity,
            "passed": check.passed,
            "observed": check.observed,
            "expected": check.expected,
            "remedy": check.remedy or None,
            "reference": check.reference or None,
        }
        for check in report.checks
    ]
    schema = pa.schema([(name, _TYPES[kind]) for name, (kind, _) in COLUMNS.items()])
    target = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema), target, compression="zstd")
    return target.getvalue()

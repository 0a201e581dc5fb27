"""Evaluate a table's suite, and publish its Data Docs."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame

from _shared.contracts.layout import data_docs_key
from _shared.contracts.quality.expectations import Expectation
from _shared.contracts.release import Release
from _shared.contracts.report import CheckResult
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.quality.data_docs import page
from _shared.glue_lib.quality.engine import suite_result, validate
from _shared.glue_lib.quality.results import check_result


def check_suite(
    lake: Lake, release: Release, table: str, rows: DataFrame, expectations: Sequence[Expectation]
) -> tuple[CheckResult, ...]:
    """Evaluate the expectations of a table, write their page, and return the checks."""
    evaluated = validate(rows, expectations)
    result = suite_result(table, evaluated)
    result.meta = {"dataset": release.dataset, "version": release.version, "run_id": {"run_name": release.run_id}}
    lake.write_text(data_docs_key(release.dataset, release.run_id, table), page(result), "text/html")
    return tuple(check_result(one, table) for one in evaluated)

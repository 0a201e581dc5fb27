"""Reports of a dataset whose silver tables are made of several files: every row is followed through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from _shared.contracts.dataset import DatasetConfig, SilverColumn, SilverTable
from _shared.contracts.errors import (
    EmptyTableError,
    JobReportMismatchError,
    JobReportMissingError,
    QualityChecksMissingError,
    RowsUnaccountedError,
)
from _shared.contracts.layout import bronze_prefix, silver_prefix
from _shared.contracts.release import ABSENT, FETCHED, FetchedSource, Release, SourceState
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.contracts.run_record import RowCounts
from _shared.contracts.source import Member, Source, SourceColumn
from _shared.lambdas.libs.run.reports import Reports, left_out_reasons, row_counts, verify
from tests._shared.lambdas.support import BUCKET, CONFIG

RUN, VERSION = "20260302T063000Z-aaaaaaaa", "2026-03-01"
COLUMNS = (SourceColumn("code", "Code"),)


def silver(name: str) -> SilverTable:
    return SilverTable(name, "Rows", ("code",), (SilverColumn("code", "string", "Code"),))


PILLS: DatasetConfig = replace(
    CONFIG,
    sources=(
        Source("finished", "https://x/finished.zip", (Member("product", "product.txt", COLUMNS),)),
        Source("extra", "https://x/extra.zip", (Member("extra_product", "extra.txt", COLUMNS),), optional=True),
    ),
    silver_tables=(silver("pill"), silver("part"), silver("extra")),
)
RELEASE = Release(
    "pills",
    RUN,
    VERSION,
    "2026-03-02T06:30:00Z",
    tuple(FetchedSource(source.name, FETCHED, SourceState(source.url, "a" * 64, 1)) for source in PILLS.sources),
)
LACKING = replace(
    RELEASE, sources=(RELEASE.sources[0], FetchedSource("extra", ABSENT, absent_tables=("extra_product",)))
)


def bronze_counts(table: str, rows: int) -> TableCounts:
    return TableCounts(table, rows, rows, f"s3://{BUCKET}/{bronze_prefix(table, RUN)}")


def silver_counts(table: str, rows_in: int, rows_out: int, **more: object) -> TableCounts:
    made = TableCounts(table, rows_in, rows_out, f"s3://{BUCKET}/{silver_prefix(table, VERSION, RUN)}")
    return replace(made, **more)  # type: ignore[arg-type]


def check(table: str) -> CheckResult:
    return CheckResult("unique_grain", table, passed=True, observed="0 repeated", expected="0 repeated")


BOTH = ("product", "extra_product")
TABLES = (
    silver_counts("pill", 12, 10, sources=BOTH, duplicates=1, quarantined={"NO_CODE": 1}, kept=10, expected=10),
    # A row gives several parts, or none by design.
    silver_counts("part", 12, 30, sources=BOTH, left_out={"NO_PART": 4}, kept=8, expected=30),
    silver_counts("extra", 2, 2, sources=("extra_product",)),
)
GOOD = Reports(
    JobReport("pills", RUN, "bronze", (bronze_counts("product", 10), bronze_counts("extra_product", 2))),
    JobReport("pills", RUN, "silver", TABLES, tuple(map(check, ("pill", "part", "extra")))),
)
WITHOUT_EXTRA = Reports(
    JobReport("pills", RUN, "bronze", (bronze_counts("product", 10),), absent=("extra_product",)),
    JobReport(
        "pills",
        RUN,
        "silver",
        tuple(silver_counts(name, 10, 10, sources=("product",)) for name in ("pill", "part")),
        tuple(map(check, ("pill", "part"))),
        absent=("extra",),
    ),
)


def test_rows_of_several_files_add_up_to_each_table() -> None:
    verify(GOOD, RELEASE, PILLS, BUCKET)
    assert row_counts(GOOD) == {
        "pill": RowCounts(12, 12, 10, duplicates=1, quarantined=1, kept=10),
        "part": RowCounts(12, 12, 30, duplicates=0, quarantined=0, left_out=4, kept=8),
        "extra": RowCounts(2, 2, 2, duplicates=0, quarantined=0),
    }
    assert left_out_reasons(GOOD.silver) == {"NO_PART": 4}


def test_a_release_that_lacks_a_file_has_no_table_of_it() -> None:
    verify(WITHOUT_EXTRA, LACKING, PILLS, BUCKET)


def with_table(index: int, **changes: object) -> Reports:
    tables = list(GOOD.silver.tables)
    tables[index] = replace(tables[index], **changes)  # type: ignore[arg-type]
    return replace(GOOD, silver=replace(GOOD.silver, tables=tuple(tables)))


def with_silver(reports: Reports, **changes: object) -> Reports:
    return replace(reports, silver=replace(reports.silver, **changes))  # type: ignore[arg-type]


def with_bronze(reports: Reports, **changes: object) -> Reports:
    return replace(reports, bronze=replace(reports.bronze, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reports", "error", "told"),
    [
        (with_table(0, kept=9), RowsUnaccountedError, "12 rows in, but 9 kept, 1 duplicates and 1 quarantined make 11"),
        (with_table(1, left_out={}), RowsUnaccountedError, "12 rows in, but 8 kept, 0 duplicates"),
        (with_table(1, rows_out=29), RowsUnaccountedError, "8 kept rows must give 30 rows, but 29 were written"),
        (with_table(1, expected=0), RowsUnaccountedError, "8 kept rows must give 0 rows, but 30 were written"),
        (with_table(0, sources=("product",)), RowsUnaccountedError, "bronze wrote 10 rows, silver read 12"),
        (with_table(0, sources=("package",)), JobReportMismatchError, "silver read package, which bronze did not"),
        (with_table(2, rows_in=0, rows_out=0), EmptyTableError, "has no rows"),
        (with_silver(GOOD, checks=(check("pill"),)), QualityChecksMissingError, "no check of extra, part"),
        (with_silver(GOOD, absent=("extra",)), JobReportMissingError, "leaves out extra"),
        (with_bronze(GOOD, absent=("extra_product",)), JobReportMismatchError, "the release lacks"),
    ],
)
def test_what_does_not_add_up_is_refused(reports: Reports, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        verify(reports, RELEASE, PILLS, BUCKET)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda good: with_bronze(good, absent=()), JobReportMismatchError),
        (lambda good: with_silver(good, absent=()), JobReportMissingError),
        (lambda good: with_bronze(good, tables=GOOD.bronze.tables), JobReportMismatchError),
    ],
    ids=["bronze does not say so", "silver does not say so", "bronze has a table of nothing"],
)
def test_what_is_absent_is_absent_everywhere(change: Callable[[Reports], Reports], error: type[Exception]) -> None:
    with pytest.raises(error):
        verify(change(WITHOUT_EXTRA), LACKING, PILLS, BUCKET)

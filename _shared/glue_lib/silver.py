"""Silver: typed, normalised, without duplicates, every row accounted for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig, Member, SilverTable
from _shared.contracts.layout import quarantine_prefix, silver_prefix
from _shared.contracts.release import Release
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.glue_lib.documents import BRONZE, SILVER, raw_member, read_release, read_report, write_report
from _shared.glue_lib.errors import RowsUnaccountedError
from _shared.glue_lib.io import read_bronze, write_parquet
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.quality import evaluate, measure, require
from _shared.glue_lib.records import MALFORMED
from _shared.glue_lib.schema_utils import check_declarations, conform, drop_exact_duplicates, lineage
from _shared.glue_lib.session import configure

_LOGGER = logging.getLogger(__name__)
QUARANTINE_REASON = "quarantine_reason"


@dataclass(frozen=True)
class SilverTransform:
    """How one bronze table becomes one silver table.

    Parameters
    ----------
    source
        Table of the member that is read.
    table
        Name of the silver table.
    transform
        Pure; gives one row for each row it gets: bronze columns and lineage in, declared columns out.
    rejection
        Why a row cannot be kept, null where it can.
    """

    source: str
    table: str
    transform: Callable[[DataFrame], DataFrame]
    rejection: Callable[[], Column] = lambda: F.lit(None).cast("string")


def run_silver(
    spark: SparkSession, config: DatasetConfig, transforms: Sequence[SilverTransform], lake: Lake, run_id: str
) -> JobReport:
    """Write the silver tables of one run, and the rows kept back, then the report; then judge.

    Raises
    ------
    SchemaMismatchError
        A transform's output is not the declared table, or the declarations do not fit together.
    RowsUnaccountedError
        A row was lost or made.
    QualityCheckFailedError
        A check failed. The report is there, and nothing of the run gets published.
    """
    check_declarations(config, [transform.table for transform in transforms])
    release = read_release(lake, config.dataset, run_id)
    in_bronze = {counts.table: counts.rows_out for counts in read_report(lake, config.dataset, run_id, BRONZE).tables}
    results = [_table(spark, lake, config, release, transform) for transform in transforms]
    checks = tuple(check for _, found in results for check in found)
    report = JobReport(config.dataset, run_id, SILVER, tuple(counts for counts, _ in results), checks)
    write_report(lake, report)
    for counts, transform in zip(report.tables, transforms, strict=True):
        _account(counts, in_bronze.get(transform.source))
    require(checks, config.dataset)
    return report


@dataclass(frozen=True)
class _Task:
    """One table of one run."""

    release: Release
    member: Member
    table: SilverTable
    transform: Callable[[DataFrame], DataFrame]
    location: str

    def write(self, kept: DataFrame) -> int:
        """Write the table; return how many rows went into the transform, duplicates left out."""
        counter = Observation()
        columns = [column.name for column in self.member.columns]
        rows = drop_exact_duplicates(kept, columns).observe(counter, F.count(F.lit(1)).alias("rows"))
        # In order of what identifies them, rows compress to about two thirds. They are narrow still: sort them now.
        first = self.table.grain[0]
        self.write_as_is(rows.sortWithinPartitions(first) if first in columns else rows)
        return int(counter.get["rows"])

    def write_as_is(self, rows: DataFrame) -> None:
        """Write the table from rows without duplicates."""
        told = rows.withColumns(lineage(self.release, raw_member(self.release, self.member)))
        write_parquet(conform(self.transform(told), self.table), self.location)


def _table(
    spark: SparkSession, lake: Lake, config: DatasetConfig, release: Release, transform: SilverTransform
) -> tuple[TableCounts, tuple[CheckResult, ...]]:
    member = next(member for member in config.members if member.table == transform.source)
    table = next(table for table in config.silver_tables if table.name == transform.table)
    location = lake.uri(silver_prefix(table.name, release.version, release.run_id))
    task = _Task(release, member, table, transform.transform, location)
    configure(spark, raw_member(release, member).bytes)
    bronze = read_bronze(spark, lake, member.table, release.run_id)
    judged = bronze.withColumn(QUARANTINE_REASON, F.coalesce(F.col(MALFORMED), transform.rejection()))
    by_reason = {row[QUARANTINE_REASON]: row["count"] for row in judged.groupBy(QUARANTINE_REASON).count().collect()}
    kept_rows = by_reason.pop(None, 0)
    if by_reason:
        kept_back = judged.filter(F.col(QUARANTINE_REASON).isNotNull())
        write_parquet(kept_back, lake.uri(quarantine_prefix(table.name, release.run_id)))
    kept = judged.filter(F.col(QUARANTINE_REASON).isNull()).drop(QUARANTINE_REASON)
    if kept_rows:
        distinct = task.write(kept)
    else:
        # Spark drops an observation from a plan that it finds to be empty, and reading it would wait for ever.
        task.write_as_is(kept)
        distinct = 0
    measures = measure(spark.read.parquet(location), table, config.data_quality)
    counts = TableCounts(
        table=table.name,
        rows_in=kept_rows + sum(by_reason.values()),
        rows_out=measures.rows,
        location=location,
        duplicates=kept_rows - distinct,
        quarantined=dict(sorted(by_reason.items())),
    )
    return counts, evaluate(measures, table, config.data_quality, counts, release.previous)


def _account(counts: TableCounts, in_bronze: int | None) -> None:
    _LOGGER.info(
        "silver %s: %d rows in, %d out, %d duplicates, quarantined %s",
        counts.table,
        counts.rows_in,
        counts.rows_out,
        counts.duplicates,
        counts.quarantined,
    )
    if in_bronze != counts.rows_in:
        what = f"silver {counts.table}: read {counts.rows_in} bronze rows, the bronze job reported {in_bronze}"
        raise RowsUnaccountedError(what, "run again: the bronze Parquet is not what this run's bronze job wrote")
    if not counts.balanced:
        what = (
            f"silver {counts.table}: {counts.rows_in} rows in are not {counts.rows_out} out "
            f"+ {counts.duplicates} duplicates + {sum(counts.quarantined.values())} quarantined"
        )
        raise RowsUnaccountedError(what, "make the transform give one row for each row it gets")

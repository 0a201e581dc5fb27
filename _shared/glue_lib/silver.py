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
from _shared.glue_lib.quality import evaluate, measure, require, tolerates
from _shared.glue_lib.records import MALFORMED
from _shared.glue_lib.repeats import REPEATED_KEY, beyond_first, drop_exact_duplicates
from _shared.glue_lib.schema_utils import ROW_NUMBER, check_declarations, conform, lineage
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
    quarantine: str

    def write(self, kept: DataFrame) -> int:
        """Write the table; return how many rows went into the transform, duplicates left out."""
        counter = Observation()
        self.write_rows(self.distinct(kept).observe(counter, F.count(F.lit(1)).alias("rows")))
        return int(counter.get["rows"])

    def write_rows(self, rows: DataFrame) -> None:
        """Write the table from rows without duplicates."""
        # In order of what identifies them, rows compress to about two thirds. They are narrow still: sort them now.
        first = self.table.grain[0]
        in_order = rows.sortWithinPartitions(first) if first in rows.columns else rows
        told = in_order.withColumns(lineage(self.release, raw_member(self.release, self.member)))
        write_parquet(conform(self.transform(told), self.table), self.location)

    def distinct(self, kept: DataFrame) -> DataFrame:
        """Leave duplicates out."""
        return drop_exact_duplicates(kept, [column.name for column in self.member.columns])


def _table(
    spark: SparkSession, lake: Lake, config: DatasetConfig, release: Release, transform: SilverTransform
) -> tuple[TableCounts, tuple[CheckResult, ...]]:
    task = _task(lake, config, release, transform)
    configure(spark, raw_member(release, task.member).bytes)
    bronze = read_bronze(spark, lake, task.member.table, release.run_id)
    judged = bronze.withColumn(QUARANTINE_REASON, F.coalesce(F.col(MALFORMED), transform.rejection()))
    quarantined = {row[QUARANTINE_REASON]: row["count"] for row in judged.groupBy(QUARANTINE_REASON).count().collect()}
    kept_rows = quarantined.pop(None, 0)
    kept_back = judged.filter(F.col(QUARANTINE_REASON).isNotNull())
    kept = judged.filter(F.col(QUARANTINE_REASON).isNull()).drop(QUARANTINE_REASON)
    if quarantined:
        write_parquet(kept_back, task.quarantine)
    if kept_rows:
        distinct = task.write(kept)
    else:
        # Spark drops an observation from a plan that it finds to be empty, and reading it would wait for ever.
        task.write_rows(kept)
        distinct = 0
    rows_in = kept_rows + sum(quarantined.values())
    measures = measure(spark.read.parquet(task.location), task.table, config.data_quality)
    # More than is tolerated are left where they are: the declared key is wrong then, and the checks say so.
    if measures.surplus and tolerates(config.data_quality, rows_in, sum(quarantined.values()) + measures.surplus):
        quarantined[REPEATED_KEY] = measures.surplus
        _set_repeats_aside(spark, task, kept, kept_back)
        measures = measure(spark.read.parquet(task.location), task.table, config.data_quality)
    counts = TableCounts(
        table=task.table.name,
        rows_in=rows_in,
        rows_out=measures.rows,
        location=task.location,
        duplicates=kept_rows - distinct,
        quarantined=dict(sorted(quarantined.items())),
    )
    return counts, evaluate(measures, task.table, config.data_quality, counts, release.previous)


def _task(lake: Lake, config: DatasetConfig, release: Release, transform: SilverTransform) -> _Task:
    member = next(member for member in config.members if member.table == transform.source)
    table = next(table for table in config.silver_tables if table.name == transform.table)
    location = lake.uri(silver_prefix(table.name, release.version, release.run_id))
    quarantine = lake.uri(quarantine_prefix(table.name, release.run_id))
    return _Task(release, member, table, transform.transform, location, quarantine)


def _set_repeats_aside(spark: SparkSession, task: _Task, kept: DataFrame, kept_back: DataFrame) -> None:
    """Add the rows beyond the first of their key to quarantine, and write the table again without them."""
    repeated = kept.join(beyond_first(spark.read.parquet(task.location), task.table), ROW_NUMBER, "left_semi")
    told = repeated.withColumn(QUARANTINE_REASON, F.lit(REPEATED_KEY))
    write_parquet(kept_back.unionByName(told), task.quarantine)
    # Read back from there, because the table that they were found in is about to be written anew.
    found = spark.read.parquet(task.quarantine).filter(F.col(QUARANTINE_REASON) == REPEATED_KEY).select(ROW_NUMBER)
    task.write_rows(task.distinct(kept).join(found, ROW_NUMBER, "left_anti"))


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

"""Silver job: write typed, normalised tables without duplicates, and account for every bronze row."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.errors import RowsUnaccountedError
from _shared.contracts.layout import bronze_prefix, quarantine_prefix, silver_prefix
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.contracts.source import DROP
from _shared.glue_lib.column_lineage import Sources, column_sources
from _shared.glue_lib.documents import BRONZE, SILVER, raw_members, read_release, read_report, write_report
from _shared.glue_lib.io import read_bronze, write_parquet
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.lineage import CARRIED, ORIGIN, ROW_POSITION, SOURCE_TABLE, VERSION, lineage, traced
from _shared.glue_lib.quality.checks import Measures, measure, native_checks, require, tolerates
from _shared.glue_lib.quality.gate import Gate
from _shared.glue_lib.quality.publication import publish_results
from _shared.glue_lib.session import configure
from _shared.glue_lib.silver.accounting import QUARANTINE_REASON, Shares, count, divide
from _shared.glue_lib.silver.declarations import check_declarations, conform
from _shared.glue_lib.silver.repeats import REPEATED_KEY, beyond_first
from _shared.glue_lib.silver.transform import SilverTransform

_LOGGER = logging.getLogger(__name__)


def run_silver(
    spark: SparkSession, config: DatasetConfig, transforms: Sequence[SilverTransform], lake: Lake, run_id: str
) -> JobReport:
    """Write the silver tables of one run, the quarantine and the report.

    A table is not written if the release lacks all its sources; the report lists it as absent.

    Raises
    ------
    SchemaMismatchError
        A transform's output does not match the declared table.
    RowsUnaccountedError
        The row equation of a table does not balance.
    QualityCheckFailedError
        A quality check failed. The report is written, but the run is not published.
    """
    check_declarations(config, transforms)
    release = read_release(lake, config.dataset, run_id)
    in_bronze = {counts.table: counts.rows_out for counts in read_report(lake, config.dataset, run_id, BRONZE).tables}
    job = _Job(spark, lake, config, release)
    made = [transform for transform in transforms if job.sources(transform)]
    results = [_table(job, transform) for transform in made]
    gate = Gate(spark, lake, config, release)
    judged = gate.judge({one.table: _target(job, one).written() for one in made})
    checks = (*(check for _, found in results for check in found), *judged)
    absent = tuple(transform.table for transform in transforms if transform not in made)
    report = JobReport(config.dataset, run_id, SILVER, tuple(counts for counts, _ in results), checks, absent)
    publish_results(lake, report, release)
    write_report(lake, report)
    for counts in report.tables:
        _account(counts, sum(in_bronze.get(name, 0) for name in counts.sources))
    require(checks, config.dataset)
    return report


@dataclass(frozen=True)
class _Job:
    """The silver job of one run."""

    spark: SparkSession
    lake: Lake
    config: DatasetConfig
    release: Release

    def sources(self, transform: SilverTransform) -> list[RawMember]:
        """Source files of a silver table that are in the release."""
        present = [name for name in transform.sources if name not in self.release.absent_tables]
        members = [member for member in self.config.members if member.table in present]
        return [raw for member in members for raw in raw_members(self.release, member)]

    def tables(self, transform: SilverTransform) -> tuple[str, ...]:
        """Bronze tables that a silver table is built from."""
        return tuple(dict.fromkeys(raw.table for raw in self.sources(transform)))

    def bronze_tables(self) -> dict[str, str]:
        """Names of the bronze tables by their location."""
        names = {member.table for member in self.config.members}
        return {self.lake.uri(bronze_prefix(name, self.release.run_id)): name for name in names}

    def columns(self, transform: SilverTransform) -> list[str]:
        """Distinct columns of all source files of a silver table, including absent files."""
        names = [
            c.name for m in self.config.members if m.table in transform.sources for c in m.columns if c.personal != DROP
        ]
        return list(dict.fromkeys(names))

    def rows(self, transform: SilverTransform) -> DataFrame:
        """Union of a silver table's bronze tables by column name; missing columns are null."""
        frames = [
            read_bronze(self.spark, self.lake, table, self.release.run_id).withColumn(SOURCE_TABLE, F.lit(table))
            for table in self.tables(transform)
        ]
        union = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)
        nothing = F.lit(None).cast("string")
        return union.withColumns({n: nothing for n in self.columns(transform) if n not in union.columns})

    def lookups(self, transform: SilverTransform) -> list[DataFrame | None]:
        """Bronze rows of the lookup tables, None for an absent one."""
        return [
            None
            if name in self.release.absent_tables
            else read_bronze(self.spark, self.lake, name, self.release.run_id)
            for name in transform.lookups
        ]


@dataclass(frozen=True)
class _Target:
    """One silver table of one run, and its locations."""

    job: _Job
    transform: SilverTransform
    table: SilverTable
    location: str
    quarantine: str

    def write(self, kept: DataFrame) -> tuple[Measures, Sources]:
        """Transform the kept rows, write the table, and return measures of the written rows and sources of columns."""
        # Rows sorted by grain compress to about two thirds of the size. Sort before the transform adds columns.
        first = self.table.grain[0]
        in_order = kept.sortWithinPartitions(first) if first in kept.columns else kept
        dated = in_order.withColumn(VERSION, F.lit(self.job.release.version))
        made = self.transform.transform(dated, *self.job.lookups(self.transform))
        carried = CARRIED if len(self.transform.sources) > 1 else (ROW_POSITION,)
        complete = conform(traced(made, self.table.name, carried, self.lineage()), self.table)
        # To describe the plan of a wide table takes Spark a second or two, in which the table can be written.
        with ThreadPoolExecutor(1) as beside:
            sources = beside.submit(column_sources, complete, self.job.bronze_tables())
            write_parquet(complete, self.location)
            measures = measure(self.written(), self.table)
        return measures, sources.result()

    def lineage(self) -> dict[str, Column]:
        """Lineage columns of the table's rows."""
        return lineage(self.job.release, self.job.sources(self.transform))

    def written(self) -> DataFrame:
        """Read the written table. The declared schema spares Spark a job that reads it from the files."""
        schema = ", ".join(f"`{column.name}` {column.type}" for column in self.table.columns)
        return self.job.spark.read.schema(schema).parquet(self.location)


def _target(job: _Job, transform: SilverTransform) -> _Target:
    table = next(table for table in job.config.silver_tables if table.name == transform.table)
    location = job.lake.uri(silver_prefix(table.name, job.release.version, job.release.run_id))
    return _Target(job, transform, table, location, job.lake.uri(quarantine_prefix(table.name, job.release.run_id)))


def _table(job: _Job, transform: SilverTransform) -> tuple[TableCounts, tuple[CheckResult, ...]]:
    sources, target, quality = job.sources(transform), _target(job, transform), job.config.data_quality
    configure(job.spark, sum(raw.bytes for raw in sources))
    shares = divide(job.rows(transform), job.columns(transform), transform)
    quarantined, kept_rows, expected = dict(shares.quarantined), shares.kept_rows, shares.expected
    if quarantined:
        write_parquet(shares.kept_back, target.quarantine)
    measures, column_lineage = target.write(shares.kept)
    if measures.surplus:
        repeats = beyond_first(target.written(), target.table).persist()
        rows = repeats.count()
        # If more rows repeat a key than may be quarantined, the declared grain is wrong: leave them, so that the
        # unique_grain check fails.
        if tolerates(quality, shares.rows_in, sum(quarantined.values()) + rows):
            quarantined[REPEATED_KEY] = rows
            kept = _set_aside(target, shares, repeats)
            repeats.unpersist()
            kept_rows, expected = count(kept, transform.expected)
            measures, column_lineage = target.write(kept)
    counts = TableCounts(
        table=target.table.name,
        rows_in=shares.rows_in,
        rows_out=measures.rows,
        location=target.location,
        duplicates=shares.duplicates,
        quarantined=dict(sorted(quarantined.items())),
        sources=job.tables(transform),
        left_out=shares.left_out,
        kept=kept_rows,
        expected=expected,
        column_sources=column_lineage,
    )
    job.spark.catalog.clearCache()
    return counts, native_checks(measures, target.table, quality, counts)


def _set_aside(target: _Target, shares: Shares, repeats: DataFrame) -> DataFrame:
    """Add the rows that repeat a key to quarantine, and return the other rows.

    The quarantined rows are read back from the written quarantine, because the silver table is overwritten later.
    """
    traceable = shares.kept.withColumns(target.lineage())
    repeated = traceable.join(repeats, [*ORIGIN], "left_semi").withColumn(QUARANTINE_REASON, F.lit(REPEATED_KEY))
    write_parquet(shares.kept_back.unionByName(repeated, allowMissingColumns=True), target.quarantine)
    set_aside = target.job.spark.read.parquet(target.quarantine).filter(F.col(QUARANTINE_REASON) == REPEATED_KEY)
    return traceable.join(set_aside.select(*ORIGIN), [*ORIGIN], "left_anti").select(*shares.kept.columns)


def _account(counts: TableCounts, in_bronze: int) -> None:
    told = ("table", "rows_in", "kept", "rows_out", "duplicates", "left_out", "quarantined")
    _LOGGER.info("silver table written", extra={name: getattr(counts, name) for name in told})
    if in_bronze != counts.rows_in:
        what = f"silver {counts.table}: read {counts.rows_in} bronze rows, the bronze job reported {in_bronze}"
        raise RowsUnaccountedError(what, "run again: the bronze Parquet is not what this run's bronze job wrote")
    if counts.rows_in != counts.accounted:
        what = (
            f"silver {counts.table}: {counts.rows_in} rows in are not {counts.kept} kept "
            f"+ {counts.duplicates} duplicates + {sum(counts.quarantined.values())} quarantined "
            f"+ {sum(counts.left_out.values())} left out"
        )
        raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")
    if not counts.balanced:
        expected = f"{counts.kept} kept rows must give {counts.expected} rows"
        what = f"silver {counts.table}: {expected}, but {counts.rows_out} were written"
        raise RowsUnaccountedError(what, "make the transform return that number of rows, or correct its `expected`")

"""What the jobs report, and what must be true of it before anything is published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import bronze_prefix, report_key, silver_prefix
from _shared.contracts.release import Release
from _shared.contracts.report import JobReport, TableCounts
from _shared.contracts.run_record import RowCounts
from _shared.lambdas.libs.errors import (
    EmptyTableError,
    JobReportMismatchError,
    JobReportMissingError,
    QualityCheckFailedError,
    QualityChecksMissingError,
    RowsUnaccountedError,
)
from _shared.lambdas.libs.s3_io import LakeStorage

BRONZE = "bronze"
SILVER = "silver"


@dataclass(frozen=True)
class Reports:
    """The reports of both jobs."""

    bronze: JobReport
    silver: JobReport


def find_report(storage: LakeStorage, dataset: str, run_id: str, layer: str) -> JobReport | None:
    """Read a job's report; ``None`` where it left none."""
    key = report_key(dataset, run_id, layer)
    found = storage.get(key)
    return None if found is None else decode_text(JobReport, found.body, storage.address(key))


def load_reports(storage: LakeStorage, dataset: str, run_id: str) -> Reports:
    """Read both reports.

    Raises
    ------
    JobReportMissingError
        A job left none.
    """
    found = []
    for layer in (BRONZE, SILVER):
        report = find_report(storage, dataset, run_id, layer)
        if report is None:
            raise missing_report(storage, dataset, run_id, layer)
        found.append(report)
    return Reports(*found)


def missing_report(storage: LakeStorage, dataset: str, run_id: str, layer: str) -> JobReportMissingError:
    """Return the error of a job that left no report."""
    address = storage.address(report_key(dataset, run_id, layer))
    msg = f"the {layer} job of run {run_id} left no report at {address}"
    return JobReportMissingError(msg, "look into the job's log; nothing was published")


def verify(reports: Reports, release: Release, config: DatasetConfig, bucket: str) -> None:
    """Accept what the jobs report or raise.

    Raises
    ------
    JobReportMissingError, JobReportMismatchError, RowsUnaccountedError, EmptyTableError
        The reports are incomplete, of another run, or their rows do not add up.
    QualityChecksMissingError, QualityCheckFailedError
        A table was not checked, or a check does not hold.
    """
    bronze_places = {member.table: bronze_prefix(member.table, release.run_id) for member in config.members}
    silver_places = {
        table.name: silver_prefix(table.name, release.version, release.run_id) for table in config.silver_tables
    }
    for report, layer, places in ((reports.bronze, BRONZE, bronze_places), (reports.silver, SILVER, silver_places)):
        _verify_identity(report, layer, release)
        _verify_tables(report, {table: f"s3://{bucket}/{prefix}" for table, prefix in places.items()})
    _verify_between(reports)
    _verify_checks(reports, silver_places)


def _verify_identity(report: JobReport, layer: str, release: Release) -> None:
    found = (report.dataset, report.run_id, report.layer)
    expected = (release.dataset, release.run_id, layer)
    if found != expected:
        msg = f"report of {' '.join(found)}, where that of {' '.join(expected)} was expected"
        raise JobReportMismatchError(msg)


def _verify_tables(report: JobReport, locations: dict[str, str]) -> None:
    counts = {table.table: table for table in report.tables}
    if missing := sorted(locations.keys() - counts.keys()):
        msg = f"{report.layer} report of run {report.run_id} leaves out {', '.join(missing)}"
        raise JobReportMissingError(msg, "make the job report every table of dataset.json")
    if unknown := sorted(counts.keys() - locations.keys()):
        msg = f"{report.layer} report of run {report.run_id} has tables that dataset.json does not: {unknown}"
        raise JobReportMismatchError(msg)
    for table, location in locations.items():
        _verify_counts(report, counts[table], location)


def _verify_counts(report: JobReport, counts: TableCounts, location: str) -> None:
    where = f"{report.layer} table {counts.table} of run {report.run_id}"
    if counts.location != location:
        msg = f"{where} was written to {counts.location}, where {location} was expected"
        raise JobReportMismatchError(msg)
    if not counts.balanced:
        quarantined = sum(counts.quarantined.values())
        msg = (
            f"{where}: {counts.rows_in} rows in, but {counts.rows_out} out, {counts.duplicates} duplicates "
            f"and {quarantined} quarantined make {counts.rows_out + counts.duplicates + quarantined}"
        )
        raise RowsUnaccountedError(msg, "nothing was published; correct the job")
    if counts.rows_out == 0:
        msg = f"{where} has no rows: {counts.rows_in} came in"
        raise EmptyTableError(msg, "nothing was published; look into quarantine for the reasons")


def _verify_between(reports: Reports) -> None:
    """Check that silver read what bronze wrote, where both have a table of one name."""
    written = {table.table: table.rows_out for table in reports.bronze.tables}
    for table in reports.silver.tables:
        if written.get(table.table, table.rows_in) != table.rows_in:
            msg = f"table {table.table}: bronze wrote {written[table.table]} rows, silver read {table.rows_in}"
            raise RowsUnaccountedError(msg, "nothing was published; correct the job")


def _verify_checks(reports: Reports, tables: Collection[str]) -> None:
    unchecked = sorted(set(tables) - {check.table for check in reports.silver.checks})
    if unchecked:
        msg = f"silver report of run {reports.silver.run_id}: no check of {', '.join(unchecked)}"
        raise QualityChecksMissingError(msg, "an unchecked table is not published; correct the job")
    failed = [check for check in (*reports.bronze.checks, *reports.silver.checks) if not check.passed]
    if failed:
        told = "; ".join(
            f"{check.name} of {check.table}{f'.{check.column}' if check.column else ''}: "
            f"{check.observed}, expected {check.expected}"
            for check in failed
        )
        msg = f"{len(failed)} quality checks failed: {told}"
        raise QualityCheckFailedError(msg, "nothing was published; correct the data or the expectation")


def row_counts(reports: Reports) -> dict[str, RowCounts]:
    """Return rows through the layers by silver table; a bronze table of the same name is its origin."""
    origins = {table.table: table for table in reports.bronze.tables}
    rows = {}
    for table in reports.silver.tables:
        origin = origins.get(table.table)
        rows[table.table] = RowCounts(
            raw=origin.rows_in if origin else table.rows_in,
            bronze=origin.rows_out if origin else table.rows_in,
            silver=table.rows_out,
            duplicates=table.duplicates + (origin.duplicates if origin else 0),
            quarantined=sum(table.quarantined.values()) + (sum(origin.quarantined.values()) if origin else 0),
        )
    return rows


def quarantine_reasons(*reports: JobReport) -> dict[str, int]:
    """Return quarantined rows by reason, over all tables."""
    reasons: dict[str, int] = {}
    for report in reports:
        for table in report.tables:
            for reason, rows in table.quarantined.items():
                reasons[reason] = reasons.get(reason, 0) + rows
    return reasons

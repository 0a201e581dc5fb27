"""Read the reports of the jobs, and verify them before publication."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import (
    EmptyTableError,
    JobReportMismatchError,
    JobReportMissingError,
    QualityCheckFailedError,
    QualityChecksMissingError,
    RowsUnaccountedError,
)
from _shared.contracts.layout import bronze_prefix, report_key, silver_prefix
from _shared.contracts.messages import listed
from _shared.contracts.release import Release
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.contracts.run_record import RowCounts
from _shared.lambdas.libs.s3_io import LakeStorage

BRONZE = "bronze"
SILVER = "silver"


@dataclass(frozen=True)
class Reports:
    """The reports of both jobs."""

    bronze: JobReport
    silver: JobReport


def find_report(storage: LakeStorage, dataset: str, run_id: str, layer: str) -> JobReport | None:
    """Read a job's report; ``None`` if there is none."""
    key = report_key(dataset, run_id, layer)
    found = storage.get(key)
    return None if found is None else decode_text(JobReport, found.body, storage.address(key))


def load_reports(storage: LakeStorage, dataset: str, run_id: str) -> Reports:
    """Read both reports.

    Raises
    ------
    JobReportMissingError
        A job wrote no report.
    """
    found = []
    for layer in (BRONZE, SILVER):
        report = find_report(storage, dataset, run_id, layer)
        if report is None:
            raise missing_report(storage, dataset, run_id, layer)
        found.append(report)
    return Reports(*found)


def missing_report(storage: LakeStorage, dataset: str, run_id: str, layer: str) -> JobReportMissingError:
    """Return the error for a missing report."""
    address = storage.address(report_key(dataset, run_id, layer))
    msg = f"the {layer} job of run {run_id} left no report at {address}"
    return JobReportMissingError(msg, "look into the job's log; nothing was published")


def verify(reports: Reports, release: Release, config: DatasetConfig, bucket: str) -> None:
    """Verify the reports of the jobs.

    Raises
    ------
    JobReportMissingError, JobReportMismatchError, RowsUnaccountedError, EmptyTableError
        A report is incomplete or belongs to another run, or its row counts do not balance.
    QualityChecksMissingError, QualityCheckFailedError
        A table was not checked, or a check failed.
    """
    _verify_absent(reports, release)
    bronze_places = {
        member.table: bronze_prefix(member.table, release.run_id)
        for member in config.members
        if member.table not in release.absent_tables
    }
    silver_places = {
        table.name: silver_prefix(table.name, release.version, release.run_id)
        for table in config.silver_tables
        if table.name not in reports.silver.absent
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


def _verify_absent(reports: Reports, release: Release) -> None:
    """Check that the reports omit only tables whose source files the release lacks."""
    if set(reports.bronze.absent) != set(release.absent_tables):
        msg = (
            f"bronze report of run {release.run_id}: absent: {listed(sorted(reports.bronze.absent)) or 'none'}, "
            f"where the release lacks: {listed(sorted(release.absent_tables)) or 'none'}"
        )
        raise JobReportMismatchError(msg)
    if reports.silver.absent and not release.absent_tables:
        msg = f"silver report of run {release.run_id} leaves out {listed(sorted(reports.silver.absent))}"
        raise JobReportMissingError(msg, "the release lacks nothing: make the job report every table of dataset.json")


def _verify_tables(report: JobReport, locations: dict[str, str]) -> None:
    counts = {table.table: table for table in report.tables}
    if missing := sorted(locations.keys() - counts.keys()):
        msg = f"{report.layer} report of run {report.run_id} leaves out {listed(missing)}"
        raise JobReportMissingError(msg, "make the job report every table of dataset.json")
    if unknown := sorted(counts.keys() - locations.keys()):
        msg = f"{report.layer} report of run {report.run_id} has tables that dataset.json does not: {listed(unknown)}"
        raise JobReportMismatchError(msg)
    for table, location in locations.items():
        _verify_counts(report, counts[table], location)


def _verify_counts(report: JobReport, counts: TableCounts, location: str) -> None:
    where = f"{report.layer} table {counts.table} of run {report.run_id}"
    if counts.location != location:
        msg = f"{where} was written to {counts.location}, where {location} was expected"
        raise JobReportMismatchError(msg)
    if not counts.balanced:
        raise RowsUnaccountedError(_unbalanced(where, counts), "nothing was published; correct the job")
    if counts.rows_out == 0:
        msg = f"{where} has no rows: {counts.rows_in} came in"
        raise EmptyTableError(msg, "nothing was published; look into quarantine for the reasons")


def _unbalanced(where: str, counts: TableCounts) -> str:
    quarantined, left_out = sum(counts.quarantined.values()), sum(counts.left_out.values())
    if counts.rows_in == counts.accounted:
        due = counts.kept if counts.expected is None else counts.expected
        return f"{where}: {counts.kept} kept rows must give {due} rows, but {counts.rows_out} were written"
    kept = f"{counts.rows_out} out" if counts.kept is None else f"{counts.kept} kept"
    also = f", {left_out} left out by design" if left_out else ""
    return (
        f"{where}: {counts.rows_in} rows in, but {kept}, {counts.duplicates} duplicates{also} "
        f"and {quarantined} quarantined make {counts.accounted}"
    )


def _verify_between(reports: Reports) -> None:
    """Check that silver read as many rows as bronze wrote, for each table's sources or the table of the same name."""
    written = {table.table: table.rows_out for table in reports.bronze.tables}
    for table in reports.silver.tables:
        names = [name for name in table.sources or (table.table,) if table.sources or name in written]
        if unknown := sorted(set(names) - written.keys()):
            msg = f"table {table.table}: silver read {listed(unknown)}, which bronze did not write"
            raise JobReportMismatchError(msg)
        rows = sum(written[name] for name in names)
        if names and rows != table.rows_in:
            msg = f"table {table.table}: bronze wrote {rows} rows, silver read {table.rows_in}"
            raise RowsUnaccountedError(msg, "nothing was published; correct the job")


def _verify_checks(reports: Reports, tables: Collection[str]) -> None:
    unchecked = sorted(set(tables) - {check.table for check in reports.silver.checks})
    if unchecked:
        msg = f"silver report of run {reports.silver.run_id}: no check of {listed(unchecked)}"
        raise QualityChecksMissingError(msg, "an unchecked table is not published; correct the job")
    failed = [check for check in (*reports.bronze.checks, *reports.silver.checks) if check.stops]
    if failed:
        failures = listed([_description(check) for check in failed], separator="; ")
        msg = f"{len(failed)} quality checks failed: {failures}"
        raise QualityCheckFailedError(msg, "nothing was published; correct the data or the expectation")


def _description(check: CheckResult) -> str:
    where = f"{check.table}.{check.column}" if check.column else check.table
    return f"{check.name} of {where}: {check.observed}, expected {check.expected}"


def row_counts(reports: Reports) -> dict[str, RowCounts]:
    """Return the row counts of all layers by silver table."""
    origins = {table.table: table for table in reports.bronze.tables}
    rows = {}
    for table in reports.silver.tables:
        made_of = [origins[name] for name in table.sources or (table.table,) if name in origins]
        rows[table.table] = RowCounts(
            raw=sum(origin.rows_in for origin in made_of) if made_of else table.rows_in,
            bronze=sum(origin.rows_out for origin in made_of) if made_of else table.rows_in,
            silver=table.rows_out,
            duplicates=table.duplicates + sum(origin.duplicates for origin in made_of),
            quarantined=sum(sum(counts.quarantined.values()) for counts in (table, *made_of)),
            left_out=sum(table.left_out.values()),
            kept=table.kept,
        )
    return rows


def quarantine_reasons(*reports: JobReport) -> dict[str, int]:
    """Return the number of quarantined rows by reason, for all tables together."""
    return _total(table.quarantined for report in reports for table in report.tables)


def left_out_reasons(*reports: JobReport) -> dict[str, int]:
    """Return the number of rows left out by design by reason, for all tables together."""
    return _total(table.left_out for report in reports for table in report.tables)


def _total(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for table in counts:
        for reason, rows in table.items():
            total[reason] = total.get(reason, 0) + rows
    return total

"""The report of a run that has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from _shared.contracts import layout, naming
from _shared.contracts.codec import encode
from _shared.contracts.publications import SUPERSEDED, VERSION
from _shared.contracts.release import FetchedSource
from _shared.contracts.report import CheckResult
from _shared.contracts.run_record import SKIPPED, SUCCEEDED, RowCounts, RunRecord
from lake.run.pipeline import Outcome
from lake.run.steps import Step, label_of
from lake.ui import render
from lake.ui.render import joined, styled
from lake.ui.terminal import one_line

HINTS = {
    "States.Timeout": "the step took longer than it may; see its log, then run again",
    "States.Permissions": "the state machine's role lacks a permission; deploy again, and see the log of the step",
    "Glue.ConcurrentRunsExceededException": "another run of the job is under way; wait for it, then run again",
    "Glue.EntityNotFoundException": "a job, crawler or table is missing; deploy again",
    "Lambda.TooManyRequestsException": "the account's Lambda concurrency is used up; run again later",
}
"""Remedies for errors of AWS itself. The pipeline's own errors have the remedy in their message."""

_HIDDEN = {
    VERSION: "older than the current version: readers of the current table do not see it",
    SUPERSEDED: "a later run has published this version, too: readers see that one",
}


def print_outcome(console: Console, outcome: Outcome, bucket: str) -> None:
    """Print the result of a run: status and reason, rows, locations and tables, or the error."""
    console.print()
    console.print(render.facts(_head(outcome)))
    record = outcome.record
    if record and record.rows:
        console.print(rows_table(record))
    if record and record.checks:
        console.print(checks_line(record))
    if record and record.quarantine_reasons:
        reasons = ", ".join(f"{name} {render.count(rows)}" for name, rows in sorted(record.quarantine_reasons.items()))
        console.print(joined(styled("quarantined because", "bold"), f" {reasons}"))
    if record and record.left_out_reasons:
        reasons = ", ".join(f"{name} {render.count(rows)}" for name, rows in sorted(record.left_out_reasons.items()))
        console.print(joined(styled("left out because", "bold"), f" {reasons}"))
    if record and outcome.status == SUCCEEDED:
        console.print(render.facts(_places(outcome, record, bucket)))


def _head(outcome: Outcome) -> Iterator[tuple[str, str | Text]]:
    record = outcome.record
    yield "status", render.status(outcome.status)
    if outcome.failed:
        yield from _failure(outcome)
    elif record:
        yield "reason", record.reason
    if record and record.version:
        yield "version", _version(record)
    if record:
        yield "run", record.run_id
        yield "took", render.duration(render.seconds_between(record.started_at, record.ended_at))
    if outcome.steps:
        yield "steps", ", ".join(map(_step, outcome.steps))
    yield "execution", outcome.execution.arn


def _step(step: Step) -> str:
    return f"{step.label} {render.duration(step.seconds(step.ended_at or step.started_at))}"


def _failure(outcome: Outcome) -> Iterator[tuple[str, str | Text]]:
    failed = next((step for step in reversed(outcome.steps) if step.error), None)
    if outcome.record and outcome.record.step:
        yield "failed step", label_of(outcome.record.step)
    elif failed:
        yield "failed step", failed.label
    if outcome.error:
        yield "error", styled(outcome.error, "red")
    yield "cause", outcome.cause
    if hint := HINTS.get(outcome.error):
        yield "what to do", hint
    run_id = f" {outcome.record.run_id}" if outcome.record else ""
    yield "logs", f"lake logs {outcome.config.dataset}{run_id}"
    yield "resume", f"lake redrive {outcome.config.dataset} {outcome.execution.name}, after the cause is fixed"


def _version(record: RunRecord) -> str:
    hint = _HIDDEN.get(record.published_as or "")
    return f"{record.version} ({hint})" if hint else str(record.version)


def rows_table(record: RunRecord) -> object:
    """Return the table of a run's row counts, with the row equation."""
    # Leave out columns that are empty for this dataset.
    several = any(row.left_out or row.kept not in {None, row.silver} for row in record.rows.values())
    equation = "raw = kept + dup. + quar. + left out" if several else "raw = silver + dup. + quar."
    columns = ("table", "raw", "bronze", "silver", *(("kept",) if several else ()), "duplicates", "quarantined")
    columns = (*columns, *(("left out",) if several else ()), equation)
    rows = [_rows_line(name, row, several=several) for name, row in sorted(record.rows.items())]
    return render.table(columns, rows, right=columns[1:-1])


def _rows_line(name: str, row: RowCounts, *, several: bool) -> tuple[str | Text, ...]:
    kept = row.silver if row.kept is None else row.kept
    before = (row.raw, row.bronze, row.silver, *((kept,) if several else ()))
    numbers = (*before, row.duplicates, row.quarantined, *((row.left_out,) if several else ()))
    accounted = kept + row.duplicates + row.quarantined + row.left_out
    return name, *map(render.count, numbers), _balance(row.raw, accounted)


def _balance(raw: int, accounted: int) -> Text:
    return styled("yes", "green") if raw == accounted else styled(f"no: {render.count(raw - accounted)} missing", "red")


def checks_line(record: RunRecord) -> Text:
    """Return how many checks passed, and those that did not."""
    failed = [check for check in record.checks if not check.passed]
    warnings = sum(not check.stops for check in failed)
    passed = f" {len(record.checks) - len(failed)} of {len(record.checks)} passed"
    passed += f", {warnings} warnings; see lake report {record.dataset} {record.run_id}" if warnings else ""
    return joined(styled("checks", "bold"), passed, *(part for check in failed for part in _failed_check(check)))


def _failed_check(check: CheckResult) -> tuple[str | Text, ...]:
    where = ".".join(filter(None, (check.table, check.column)))
    told = f" {check.name} ({where}): {check.observed}; expected {check.expected}"
    return "\n  ", styled("✗", "red") if check.stops else styled("!", "yellow"), one_line(told)


def _places(outcome: Outcome, record: RunRecord, bucket: str) -> Iterator[tuple[str, str]]:
    yield "raw", f"s3://{bucket}/{layout.raw_prefix(record.dataset, record.run_id)}"
    if len(record.sources) > 1 or any(source.absent_tables for source in record.sources):
        for source in record.sources:
            yield f"source {source.name}", _source_words(source)
    for name, location in sorted(record.locations.items()):
        yield f"silver {name}", location
    for name, row in sorted(record.rows.items()):
        if row.quarantined:
            yield f"quarantine {name}", f"s3://{bucket}/{layout.quarantine_prefix(name, record.run_id)}"
    yield "tables", ", ".join(queryable_tables(outcome))


def _source_words(source: FetchedSource) -> str:
    size = source.state.bytes if source.state is not None else None
    words = source.outcome if size is None else f"{source.outcome}, {size:,} bytes"
    if source.state is not None and source.absent_tables:
        words += f", without {', '.join(source.absent_tables)}"
    return words


def queryable_tables(outcome: Outcome) -> list[str]:
    """Return the tables to query after a run. A release may lack some tables."""
    database, record = outcome.config.database_name, outcome.record
    made = record.rows if record else {}
    absent = {table for source in record.sources for table in source.absent_tables} if record else set[str]()
    silver = [table.name for table in outcome.config.silver_tables if not made or table.name in made]
    names = [*silver, *map(naming.versions_table, silver)]
    names += [naming.bronze_table(member.table) for member in outcome.config.members if member.table not in absent]
    return [f"{database}.{name}" for name in names]


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """Return the result of a run as a document for scripts."""
    return {
        "dataset": outcome.config.dataset,
        "status": outcome.status,
        "skipped": outcome.status == SKIPPED,
        "execution": outcome.execution.arn,
        "error": outcome.error or None,
        "cause": outcome.cause if outcome.failed else None,
        "steps": [_step_document(step) for step in outcome.steps],
        "record": encode(outcome.record) if outcome.record else None,
        "tables": queryable_tables(outcome),
    }


def _step_document(step: Step) -> dict[str, Any]:
    ended = step.ended_at or step.started_at
    return {"step": step.label, "status": step.status.value, "seconds": step.seconds(ended), "error": step.error}

"""``lake logs``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.run_record import FAILED, RunRecord
from lake.aws import executions
from lake.aws import logs as cloudwatch
from lake.aws.logs import LogLine, LogRequest
from lake.context import Context
from lake.errors import UserMistakeError
from lake.run.events import job_runs
from lake.run.find import find_record
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity
from lake.ui.render import joined, styled
from lake.ui.terminal import indented, one_line

_LAST_WORDS = timedelta(seconds=5)
"""The function that writes the run record still logs for a moment after the record's end time."""

_AFTERWARDS = timedelta(minutes=1)
"""A failure is recorded by a function that starts after the run has ended."""

_MARGIN = len("  00:00:00 ")
"""Indentation of the further lines of a message."""


@cloud_command
def logs(
    context: Context,
    dataset: DatasetName,
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN_ID]", help="Default: the last run.")] = None,
    tail: Annotated[int, typer.Option(min=1, max=10_000, help="Lines of each log, counted from its end.")] = 100,
) -> None:
    """Show the logs of a run's functions, jobs, crawler and state machine.

    Example: [bold]lake logs nsde --tail 20[/bold]
    """
    config = context.dataset(dataset)
    record = _find(context, config.dataset, run_id)
    found: list[dict[str, object]] = []
    with Activity(context.output, "Reading the logs") as activity:
        for request in _requests(context, config, record, tail):
            activity.show(f"Reading {request.group}")
            lines = cloudwatch.read(context.aws, request)
            found.append(_document(request, lines))
            if not context.output.as_json:
                _print(context, request, lines)
    if context.output.as_json:
        context.output.document({"dataset": config.dataset, "run_id": record.run_id, "logs": found})


def _find(context: Context, dataset: str, run_id: str | None) -> RunRecord:
    if run_id is None:
        record = next(iter(context.records.runs(dataset, 1)), None)
        if record is None:
            msg = f"{dataset} has no run yet"
            raise UserMistakeError(msg, f"start one with: lake run {dataset}")
        return record
    return find_record(context, dataset, run_id)


def _requests(context: Context, config: DatasetConfig, record: RunRecord, tail: int) -> Iterator[LogRequest]:
    start = datetime.fromisoformat(record.started_at)
    end = datetime.fromisoformat(record.ended_at) + _LAST_WORDS
    for group in executions.log_groups(context.aws, record.dataset):
        yield LogRequest(group, start, end, limit=tail)
    owned = naming.job_logs(context.environment.name, record.dataset)
    jobs = {naming.job_step("bronze"): config.bronze_job_name, naming.job_step("silver"): config.silver_job_name}
    for step, job_run in _job_runs(context, record).items():
        for job_group in cloudwatch.job_groups(context.aws, jobs[step], job_run, owned):
            yield LogRequest(job_group, start, end, job_run, tail)
    crawler_group, crawler_stream = cloudwatch.crawler_log(context.aws, config.bronze_crawler_name)
    yield LogRequest(crawler_group, start, end, crawler_stream, tail)
    if record.status == FAILED:
        recorder = naming.function(context.environment.name, record.dataset, naming.RECORD_FAILURE)
        yield LogRequest(f"/aws/lambda/{recorder}", start, end + _AFTERWARDS, limit=tail)


def _job_runs(context: Context, record: RunRecord) -> dict[str, str]:
    # The record of a run that failed in a job may lack the job run, but the execution's history has it.
    return {**job_runs(executions.history(context.aws, record.execution)), **record.job_runs}


def _document(request: LogRequest, lines: list[LogLine] | None) -> dict[str, object]:
    return {
        "group": request.group,
        "stream": request.stream,
        "found": lines is not None,
        "lines": [asdict(line) for line in lines or []],
    }


def _print(context: Context, request: LogRequest, lines: list[LogLine] | None) -> None:
    stream = f" {request.stream}" if request.stream else ""
    console = context.output.result
    console.print(styled(one_line(f"{request.group}{stream}"), "bold"), soft_wrap=True)
    if not lines:
        console.print(styled("  no such log" if lines is None else "  nothing logged", "dim"))
    for line in lines or []:
        console.print(
            joined(styled(f"  {line.at:%H:%M:%S}", "dim"), f" {indented(line.message, _MARGIN)}"), soft_wrap=True
        )

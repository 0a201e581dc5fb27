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
from lake.run.events import job_runs
from lake.run.find import find_last, find_record
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity
from lake.ui.render import joined, styled
from lake.ui.terminal import indented, one_line

_LAST_WORDS = timedelta(seconds=5)
"""The function that writes the run record still logs for a moment after the record's end time."""

_AFTERWARDS = timedelta(minutes=1)
"""A failure is recorded by a function that starts after the run has ended."""


@cloud_command
def logs(
    context: Context,
    dataset: DatasetName,
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN_ID]", help="Default: the last run.")] = None,
    tail: Annotated[int, typer.Option(min=1, max=10_000, help="Lines of each log, counted from its end.")] = 100,
) -> None:
    """Show the logs of a run's functions, jobs, crawler and state machine, all lines in one order.

    Example: [bold]lake logs nsde --tail 20[/bold]
    """
    config = context.dataset(dataset)
    record = find_record(context, config.dataset, run_id) if run_id else find_last(context, config.dataset)
    found: list[tuple[LogRequest, list[LogLine] | None]] = []
    with Activity(context.output, "Reading the logs") as activity:
        for request in _requests(context, config, record, tail):
            activity.show(f"Reading {request.group}")
            found.append((request, cloudwatch.read(context.aws, request)))
    if context.output.as_json:
        read = [_document(request, lines) for request, lines in found]
        context.output.document({"dataset": config.dataset, "run_id": record.run_id, "logs": read})
        return
    _print(context, found)


def _requests(context: Context, config: DatasetConfig, record: RunRecord, tail: int) -> Iterator[LogRequest]:
    start = datetime.fromisoformat(record.started_at)
    end = datetime.fromisoformat(record.ended_at) + _LAST_WORDS
    for group in executions.log_groups(context.aws, record.dataset):
        yield LogRequest(group, start, end, limit=tail, source=_short(group, record.dataset))
    owned = naming.job_logs(context.environment.name, record.dataset)
    jobs = {naming.job_step("bronze"): config.bronze_job_name, naming.job_step("silver"): config.silver_job_name}
    for step, job_run in _job_runs(context, record).items():
        for job_group in cloudwatch.job_groups(context.aws, jobs[step], job_run, owned):
            yield LogRequest(job_group, start, end, job_run, tail, f"{step} {job_group.rpartition('/')[2]}")
    crawler_group, crawler_stream = cloudwatch.crawler_log(context.aws, config.bronze_crawler_name)
    yield LogRequest(crawler_group, start, end, crawler_stream, tail, "crawler")
    if record.status == FAILED:
        recorder = naming.function(context.environment.name, record.dataset, naming.RECORD_FAILURE)
        yield LogRequest(
            f"/aws/lambda/{recorder}", start, end + _AFTERWARDS, limit=tail, source=_short(recorder, record.dataset)
        )


def _short(group: str, dataset: str) -> str:
    """Return a log group's short name: ``fetch-and-hash`` of ``/aws/lambda/prod-nsde-fetch-and-hash``."""
    name = group.rpartition("/")[2]
    return name.rpartition(f"{dataset}-")[2] or name


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


def _print(context: Context, found: list[tuple[LogRequest, list[LogLine] | None]]) -> None:
    """Print the lines of all logs in one order, each with the log that it comes from."""
    named = [(line, one_line(request.source)) for request, lines in found for line in lines or []]
    named.sort(key=lambda pair: pair[0].at)
    console = context.output.result
    width = max((len(source) for _, source in named), default=0)
    for line, source in named:
        begin = f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03d} {source:<{width}} "
        console.print(joined(styled(begin, "dim"), indented(line.message, len(begin))), soft_wrap=True)
    for what, empty in (("no such log", [None]), ("nothing logged", [[]])):
        groups = [_place(request) for request, lines in found if lines in empty]
        if groups:
            context.output.note(f"{what}: {', '.join(groups)}")


def _place(request: LogRequest) -> str:
    return one_line(f"{request.group} {request.stream}".rstrip())

"""``lake alarms``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from _shared.contracts import naming
from lake import exit_codes
from lake.aws.alarms import Alarm, of_subjects
from lake.context import Context
from lake.ui import completion, render
from lake.ui.command import cloud_command
from lake.ui.progress import Activity

_STYLES = {"ALARM": "red", "OK": "green", "INSUFFICIENT_DATA": "yellow"}


@cloud_command
def alarms(
    context: Context,
    datasets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATASET]...", help="Default: all.", autocompletion=completion.datasets),
    ] = None,
) -> None:
    """Show the alarms with their state, and what to do about those that went off.

    Exits with the status of a failed run while one is in ALARM.

    Example: [bold]lake alarms nsde[/bold]
    """
    subjects = [config.dataset for config in context.datasets(datasets or ())]
    if not datasets:
        subjects.append(context.environment.prefix)
    with Activity(context.output, "Reading the alarms"):
        found = of_subjects(context.aws, [naming.alarm(context.environment.name, it, "") for it in subjects])
    gone_off = [alarm for alarm in found if alarm.state == "ALARM"]
    if context.output.as_json:
        context.output.document(
            [{**asdict(alarm), "since": alarm.since.isoformat() if alarm.since else None} for alarm in found]
        )
    else:
        _print(context, found, gone_off)
    if gone_off:
        raise typer.Exit(exit_codes.FAILED)


def _print(context: Context, found: list[Alarm], gone_off: list[Alarm]) -> None:
    console = context.output.result
    console.print(render.table(("alarm", "state", "since", "because"), map(_row, found)))
    for alarm in gone_off:
        console.print(render.facts([(alarm.name, alarm.text)]))
    if not found:
        context.output.note("There is no alarm. Deploy the datasets with: lake deploy")


def _row(alarm: Alarm) -> tuple[str | Text, ...]:
    since = render.instant(alarm.since.isoformat()) if alarm.since else ""
    return alarm.name, render.styled(alarm.state, _STYLES.get(alarm.state, "")), since, alarm.reason

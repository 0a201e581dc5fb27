"""``lake dashboard``."""

from __future__ import annotations

import webbrowser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from _shared.contracts import naming
from lake.aws.dashboards import Graph, graphs
from lake.context import Context
from lake.project import make_state_directory, shown
from lake.ui import completion
from lake.ui.command import cloud_command
from lake.ui.pictures import check_format
from lake.ui.progress import Activity


@cloud_command
def dashboard(
    context: Context,
    dataset: Annotated[
        str | None,
        typer.Argument(metavar="[DATASET]", help="Default: the lake.", autocompletion=completion.datasets),
    ] = None,
    *,
    days: Annotated[int, typer.Option(min=1, max=455, help="How many days, counted back from now.")] = 14,
    output: Annotated[
        Path | None, typer.Option(help="Picture to write: .svg, .png or .pdf. Default: .lake/dashboards/<name>.svg.")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
) -> None:
    """Draw a dashboard to a picture: what CloudWatch shows, from the same metrics, without a console.

    Example: [bold]lake dashboard nsde --days 30[/bold]
    """
    subject = context.dataset(dataset).dataset if dataset else context.environment.prefix
    name = naming.dashboard(context.environment.name, subject)
    if output is not None:
        check_format(output)
    file = output or make_state_directory() / "dashboards" / f"{name}.svg"
    end = datetime.now(UTC)
    span = (end - timedelta(days=days), end)
    with Activity(context.output, "Reading the metrics"):
        found = graphs(context.aws, name, *span)
        _draw(name, found, span, file)
    if context.output.as_json:
        context.output.document({"dashboard": name, "picture": str(file)})
        return
    context.output.result.print(f"Picture: {shown(file)}")
    if not no_open and context.output.result.is_terminal:
        webbrowser.open(file.resolve().as_uri())


def _draw(name: str, found: list[Graph], span: tuple[datetime, datetime], file: Path) -> None:
    from lake.dashboard.picture import draw  # noqa: PLC0415 - no other command needs matplotlib, which is slow to import

    file.parent.mkdir(parents=True, exist_ok=True)
    draw(name, found, span, file)

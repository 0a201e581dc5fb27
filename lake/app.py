"""The Typer application with all commands."""

from __future__ import annotations

from collections.abc import Callable

import typer

from lake import exit_codes
from lake.commands.alarms import alarms
from lake.commands.catalog import tables
from lake.commands.cloud import down, up
from lake.commands.cost import cost
from lake.commands.dashboard import dashboard
from lake.commands.demo import demo
from lake.commands.deploy import deploy
from lake.commands.doctor import doctor
from lake.commands.executions import redrive, stop, watch
from lake.commands.expectations import expectations
from lake.commands.history import history
from lake.commands.lineage import lineage
from lake.commands.logs import logs
from lake.commands.new import new
from lake.commands.quarantine import quarantine
from lake.commands.query import query
from lake.commands.report import report
from lake.commands.requeue import requeue
from lake.commands.run import run
from lake.commands.show import show
from lake.commands.smoke import smoke
from lake.commands.status import status
from lake.ui.group import LakeGroup

_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Try it": (demo, doctor),
    "Datasets": (new, expectations),
    "The local cloud": (up, down, status),
    "Pipelines": (deploy, run, watch, stop, redrive, requeue, smoke, history, show, logs, alarms, dashboard, cost),
    "Data": (query, tables, report, lineage, quarantine),
}

app = typer.Typer(
    cls=LakeGroup,
    help="PP-RAWS Data Lake, on AWS and on a laptop.\n\nExample: [bold]lake demo[/bold]",
    epilog=exit_codes.summary(),
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel, epilog=exit_codes.summary())(_command)

"""The commands, wired together."""

from __future__ import annotations

from collections.abc import Callable

import typer

from lake.commands.catalog import tables
from lake.commands.cloud import down, status, up
from lake.commands.demo import demo
from lake.commands.deploy import deploy
from lake.commands.history import history
from lake.commands.logs import logs
from lake.commands.query import query
from lake.commands.run import run

_EPILOG = (
    "Exit status: 0 done; 1 a run, a query or a deployment failed; 2 the command was not understood; "
    "3 the target cannot be reached, or nothing is deployed there; 130 interrupted."
)

_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Try it": (demo,),
    "The local cloud": (up, down, status),
    "Pipelines": (deploy, run, history, logs),
    "Data": (query, tables),
}

app = typer.Typer(
    help="PP-RAWS Data Lake, on AWS and on a laptop.",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)

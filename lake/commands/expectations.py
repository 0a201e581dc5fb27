"""``lake expectations``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from lake.commands.query import ask
from lake.context import Context
from lake.suggest.questions import counted, counting, detailed, detailing
from lake.suggest.suite import suite
from lake.ui import completion
from lake.ui.command import cloud_command


class Action(StrEnum):
    """What to do with expectations."""

    SUGGEST = "suggest"


@cloud_command
def expectations(
    context: Context,
    action: Annotated[Action, typer.Argument(help="suggest: propose a suite.", show_choices=True)],  # noqa: ARG001 - the only one
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A published table.", autocompletion=completion.tables)],
) -> None:
    """Propose a table's expectations from its published version: nulls, allowed values, shapes of codes.

    The suite is printed as JSON, for domains/DATASET/expectations/TABLE.json. Everything in it is a warning: edit it,
    add where each rule comes from and what to do if it fails, and decide what stops a version.

    Example: [bold]lake expectations suggest nsde > suite.json[/bold]
    """
    config, declared = context.table(table)
    (row,) = ask(context, counting(declared), config.database_name).rows
    facts = counted(declared, row)
    more = detailing(declared, facts)
    found = detailed(facts, ask(context, more, config.database_name).rows) if more else facts
    context.output.document(suite(table, found))

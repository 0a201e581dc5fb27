"""``lake query``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from lake import datasets
from lake.aws import athena
from lake.aws.athena import Column, QueryStatistics
from lake.context import Context
from lake.errors import InterruptedByUserError, UserMistakeError
from lake.ui import render
from lake.ui.command import cloud_command
from lake.ui.csv_output import write_csv
from lake.ui.progress import Activity

TABLE_ROWS = 50
"""Default number of rows in a table. CSV and JSON have all rows."""

_PAGE = 1000


@dataclass(frozen=True)
class Answer:
    """A finished query. ``rows`` is an iterator that fetches pages on demand."""

    columns: list[Column]
    rows: Iterator[list[str | None]]
    statistics: QueryStatistics


@cloud_command
def query(
    context: Context,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="The query, or - to read it from standard input.")],
    *,
    database: Annotated[str | None, typer.Option(help="Default: the one whose tables the query names.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, max=1_000_000_000, help=f"Rows to show. Default: {TABLE_ROWS} in a table, all in CSV and JSON."
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the result as CSV.")] = False,
) -> None:
    """Run a query in Athena.

    Example: [bold]lake query "SELECT marketing_status, count(*) AS rows FROM nsde GROUP BY 1"[/bold]
    """
    if as_csv and context.output.as_json:
        msg = "--csv and --json were both given"
        raise UserMistakeError(msg, "choose one")
    text = _read_standard_input() if sql == "-" else sql
    if not text.strip():
        msg = "the query is empty"
        raise UserMistakeError(msg, 'write one, for example: lake query "SHOW TABLES"')
    answer = ask(context, text, datasets.database_for(context.datasets(), database, text))
    if as_csv:
        _print_csv(context, answer, limit)
    elif context.output.as_json:
        _print_json(context, answer, limit)
    else:
        print_answer(context, answer, limit or TABLE_ROWS)


def _read_standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        msg = "standard input is not UTF-8"
        raise UserMistakeError(msg, "write the query in UTF-8") from error


def ask(context: Context, sql: str, database: str) -> Answer:
    """Run a query to its end. Ctrl-C cancels it.

    Raises
    ------
    InterruptedByUserError
        Ctrl-C.
    QueryFailedError
        Athena rejected the query, or it failed.
    NotDeployedError
        The environment's workgroup does not exist.
    """
    with Activity(context.output, "Athena is working on it"):
        query_id = athena.start(context.aws, sql, database, context.environment.resource_prefix)
        try:
            statistics = athena.wait(context.aws, query_id)
        except KeyboardInterrupt as error:
            athena.stop(context.aws, query_id)
            what = f"the query {query_id} is cancelled"
            raise InterruptedByUserError(what, "ask again") from error
        columns, rows = athena.results(context.aws, query_id)
    return Answer(columns, rows, statistics)


def print_answer(context: Context, answer: Answer, limit: int) -> None:
    """Print the first rows as a table, and the query's statistics."""
    shown = list(islice(answer.rows, limit))
    more = next(answer.rows, None) is not None
    numeric = [column.name for column in answer.columns if athena.is_number(column.type)]
    rows = [[_cell(value) for value in row] for row in shown]
    context.output.result.print(render.table([column.name for column in answer.columns], rows, right=numeric))
    found = (
        f"the first {limit} rows; all of them with --csv or --json, more with --limit" if more else _rows(len(shown))
    )
    scanned, took = render.size(answer.statistics.bytes_scanned), render.duration(answer.statistics.seconds)
    context.output.note(render.styled(f"{found}; scanned {scanned} in {took}", "dim"))


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{render.count(number)} rows"


def _cell(value: str | None) -> str | Text:
    return render.styled("null", "dim") if value is None else value


def _print_csv(context: Context, answer: Answer, limit: int | None) -> None:
    rows = islice(answer.rows, limit) if sys.stdout.isatty() else _fetched(context, answer, limit)
    write_csv(context.output, [column.name for column in answer.columns], rows)


def _print_json(context: Context, answer: Answer, limit: int | None) -> None:
    types = [(column.name, column.type) for column in answer.columns]
    rows = [
        {name: athena.typed(value, kind) for (name, kind), value in zip(types, row, strict=True)}
        for row in _fetched(context, answer, limit)
    ]
    statistics = answer.statistics
    context.output.document(
        {
            "query_id": statistics.query_id,
            "columns": [{"name": name, "type": kind} for name, kind in types],
            "rows": rows,
            "bytes_scanned": statistics.bytes_scanned,
            "seconds": statistics.seconds,
        }
    )


def _fetched(context: Context, answer: Answer, limit: int | None) -> Iterator[list[str | None]]:
    """Fetch the rows in pages of a thousand, and show their number as progress."""
    with Activity(context.output, "Fetching the rows") as activity:
        for number, row in enumerate(islice(answer.rows, limit), start=1):
            if number % _PAGE == 0:
                activity.show(f"Fetching the rows: {render.count(number)}")
            yield row

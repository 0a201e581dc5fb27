"""The comparison: both engines asked, each query's outcome shown, the differences counted."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lake.project import state_directory
from local_cloud import cloud
from tests.compat import benchmarks, tables
from tests.compat.answers import Answer, difference
from tests.compat.athena_client import AthenaClient
from tests.compat.known import KNOWN
from tests.compat.queries import Query, expression_queries, project_queries
from tests.compat.release import java_executable, trino_home
from tests.compat.server import trino
from tests.compat.trino_client import TrinoClient
from tests.tpc.__main__ import verdict as tpc_verdict

DATABASE, WORK_GROUP = "nsde_db", "pp-raws"
SAME, KNOWN_DIFFERENCE, DIFFERENT, GONE = "same", "known difference", "DIFFERENT", "SAME, BUT LISTED AS KNOWN"
_BAD = {DIFFERENT, GONE}
_STYLES = {SAME: "green", KNOWN_DIFFERENCE: "yellow"}


def compare() -> int:
    """Compare all queries on the local cloud of ``LAKE_STATE_DIRECTORY``; 0 where nothing unknown differs."""
    console = Console()
    with console.status("") as status:
        home, java = trino_home(status.update), java_executable(status.update)
        running = cloud.start(Path(state_directory()))
        environment = running.environment()
        tables.make(environment)
        benchmarks.make(environment)
        with trino(home, java, environment, status.update) as address:
            asked = [(DATABASE, query) for query in [*project_queries(), *expression_queries()]]
            asked += benchmarks.queries()
            outcomes: list[tuple[Query, str, str]] = []
            for index, (database, query) in enumerate(asked, 1):
                status.update(f"query {index} of {len(asked)}: {escape(query.name)}")
                of_trino = TrinoClient(address, database).ask(query.sql)
                of_athena = AthenaClient(environment, database, WORK_GROUP).ask(query.sql)
                judge = verdict if database == DATABASE else benchmark_verdict
                outcomes.append((query, *judge(query, of_trino, of_athena)))
    _print(console, outcomes)
    return int(any(outcome in _BAD for _, outcome, _ in outcomes))


def verdict(query: Query, from_trino: Answer, from_athena: Answer) -> tuple[str, str]:
    """Return what came of a query, and how the answers differ or what both were."""
    differs = difference(from_trino, from_athena, ordered=query.ordered)
    reason = KNOWN.get(query.name)
    if reason:
        return (KNOWN_DIFFERENCE, reason) if differs else (GONE, reason)
    if differs:
        return DIFFERENT, differs
    told = f"both fail: {from_trino.failure}" if from_trino.failure else f"{len(from_trino.rows):,} rows"
    return SAME, told


def benchmark_verdict(query: Query, from_trino: Answer, from_athena: Answer) -> tuple[str, str]:
    """Return what came of a query of TPC: rows in any order, as ties are, and numbers rounded."""
    if query.name in KNOWN:
        return verdict(query, from_trino, from_athena)
    if from_trino.failure or from_athena.failure:
        return DIFFERENT, difference(from_trino, from_athena, ordered=False) or f"both fail: {from_trino.message}"
    found = tpc_verdict(from_athena.rows, from_trino.rows)
    told = {"equal": (SAME, f"{len(from_trino.rows):,} rows"), "rounded": (KNOWN_DIFFERENCE, "digits of decimals")}
    return told.get(found) or (DIFFERENT, difference(from_trino, from_athena, ordered=False))


def _print(console: Console, outcomes: list[tuple[Query, str, str]]) -> None:
    named = {query.name for query in project_queries()}
    shown = Table("query", "outcome", "answer", title="The local Athena against Trino 470", title_justify="left")
    for query, outcome, told in outcomes:
        # An expression that agrees is counted; only one that does not is worth a line.
        if query.name in named or outcome != SAME:
            style = _STYLES.get(outcome, "bold red")
            shown.add_row(escape(query.name), f"[{style}]{outcome}[/]", escape(told))
    console.print(shown)
    counts = {outcome: sum(1 for _, found, _ in outcomes if found == outcome) for outcome in (SAME, *_STYLES, *_BAD)}
    console.print(f"{len(outcomes)} compared: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items() if n))

"""``lake lineage``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.tree import Tree

from _shared.contracts.codec import encode
from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.publications import current
from lake.context import Context
from lake.errors import UserMistakeError
from lake.lineage.paths import Lineage, paths
from lake.ui import completion
from lake.ui.command import cloud_command
from lake.ui.names import suggestion
from lake.ui.pictures import check_format
from lake.ui.progress import Activity
from lake.ui.terminal import printable


@cloud_command
def lineage(
    context: Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A published table.", autocompletion=completion.tables)],
    *,
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    output: Annotated[Path | None, typer.Option(help="Also draw a picture: .svg, .png or .pdf.")] = None,
) -> None:
    """Show what a published table is made of: each column back to the columns of bronze and of the source's files.

    It is the lineage of the version that readers see now, as Spark computed it.

    Example: [bold]lake lineage nsde --column ndc11[/bold]
    """
    if output is not None:
        check_format(output)
    config, declared = context.table(table)
    with Activity(context.output, "Reading the lineage"):
        found = _find(context, config, declared)
        if column is not None:
            found = replace(found, paths=tuple(path for path in found.paths if path.column == column))
            if not found.paths:
                msg = f"{table} has no column {column}, or the platform adds it to every table"
                raise UserMistakeError(msg, suggestion(column, [one.name for one in declared.columns]))
        if output is not None:
            _draw(found, output)
    if context.output.as_json:
        context.output.document(_document(found))
        return
    context.output.result.print(_tree(found))
    if not found.known:
        context.output.note("The run did not record the lineage of columns. The next one that publishes does.")


def _find(context: Context, config: DatasetConfig, declared: SilverTable) -> Lineage:
    manifest = context.records.manifest(config.dataset)
    if manifest is None:
        msg = f"{config.dataset} has published nothing yet"
        raise UserMistakeError(msg, f"run it with: lake run {config.dataset}")
    shown = current(manifest)
    report = context.records.report(config.dataset, shown.run_id, "silver")
    tables = report.tables if report is not None else ()
    counts = next((counts for counts in tables if counts.table == declared.name), None)
    recorded = counts.column_sources if counts is not None else {}
    record = context.records.run(config.dataset, shown.run_id)
    sources = record.sources if record is not None else ()
    known = paths(config, declared, recorded)
    return Lineage(declared.name, shown.version, shown.run_id, sources, known, bool(recorded))


def _tree(found: Lineage) -> Tree:
    tree = Tree(printable(f"{found.table}, version {found.version}, run {found.run_id}"))
    sources = tree.add("sources")
    for source in found.sources:
        if source.state is not None:
            digest = f", SHA-256 {source.state.sha256}" if source.state.sha256 else ""
            sources.add(printable(f"{source.name}: {source.state.url}{digest}"))
    for path in found.paths:
        branch = tree.add(printable(path.column if path.sources or not found.known else f"{path.column} (computed)"))
        for one in path.sources:
            branch.add(printable(f"{one.bronze}: {one.header} of {one.source}"))
    return tree


def _document(found: Lineage) -> dict[str, Any]:
    return {
        "table": found.table,
        "version": found.version,
        "run_id": found.run_id,
        "sources": [encode(source) for source in found.sources],
        "columns": {
            path.column: [{"bronze": one.bronze, "header": one.header, "source": one.source} for one in path.sources]
            for path in found.paths
        },
    }


def _draw(found: Lineage, file: Path) -> None:
    from lake.lineage.picture import draw  # noqa: PLC0415 - no other command needs matplotlib, which is slow to import

    file.parent.mkdir(parents=True, exist_ok=True)
    draw(found, file)

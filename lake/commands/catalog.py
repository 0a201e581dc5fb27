"""``lake tables``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.manifest import Manifest
from _shared.contracts.publications import current, shown_of_each_version
from lake.aws import catalog
from lake.aws.catalog import CatalogTable
from lake.context import Context
from lake.errors import NotDeployedError
from lake.ui import completion, render
from lake.ui.command import cloud_command
from lake.ui.progress import Activity


@cloud_command
def tables(
    context: Context,
    dataset: Annotated[
        str | None,
        typer.Argument(metavar="[DATASET]", help="Default: every dataset.", autocompletion=completion.datasets),
    ] = None,
) -> None:
    """Show the tables that can be queried, with their kind, rows and versions.

    Example: [bold]lake tables nsde[/bold]
    """
    configs = context.datasets(() if dataset is None else [dataset])
    with Activity(context.output, "Reading the catalog"):
        rows = _all_rows(context, configs, required=dataset is not None)
    if context.output.as_json:
        context.output.document(rows)
        return
    context.output.result.print(_as_table(rows))
    if not rows:
        context.output.note("There are no tables yet. The first run makes them: lake run DATASET")


def _all_rows(context: Context, configs: list[DatasetConfig], *, required: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    missing: list[NotDeployedError] = []
    for config in configs:
        try:
            manifest = context.records.manifest(config.dataset)
            found = catalog.tables(context.aws, config.database_name)
        except NotDeployedError as error:
            missing.append(error)
            continue
        rows += [table_row(table, manifest) for table in found]
    if missing and (required or len(missing) == len(configs)):
        raise missing[0]
    return rows


def table_row(table: CatalogTable, manifest: Manifest | None) -> dict[str, Any]:
    """Return a table's row for the output: kind and columns from the catalog, rows and versions from the manifest."""
    versions, rows = _published(table, manifest)
    return {
        "database": table.database,
        "table": table.name,
        "type": table.kind,
        "rows": table.rows if rows is None else rows,
        "versions": versions,
        "columns": table.columns,
        "partitions": table.partitions,
        "location": table.location,
    }


def _published(table: CatalogTable, manifest: Manifest | None) -> tuple[list[str], int | None]:
    if manifest is None or table.kind == catalog.BRONZE:
        return [], None
    silver = table.name.removesuffix(naming.VERSIONS_TABLE_SUFFIX)
    shown = shown_of_each_version(manifest).values() if table.kind == catalog.VERSIONS else (current(manifest),)
    holding = [entry for entry in shown if silver in entry.row_counts]
    return sorted(entry.version for entry in holding), sum(entry.row_counts[silver] for entry in holding)


def _as_table(rows: list[dict[str, Any]]) -> object:
    columns = ("table", "type", "rows", "versions", "columns", "partitions", "location")
    lines = [
        (
            f"{row['database']}.{row['table']}",
            row["type"],
            "" if row["rows"] is None else render.count(row["rows"]),
            _versions(row["versions"]),
            str(row["columns"]),
            str(row["partitions"] or ""),
            row["location"],
        )
        for row in rows
    ]
    return render.table(columns, lines, right=("rows", "columns", "partitions"))


def _versions(names: list[str]) -> str:
    listed = 3
    if len(names) <= listed:
        return ", ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)})"

"""Read ``domains/<dataset>/config/tables/<table>.json``: one file for each silver table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from _shared.contracts.dataset import SilverTable
from _shared.contracts.lineage import LINEAGE
from config.documents import read_document
from config.errors import ConfigError, describe, mismatch, one_on_a_line
from config.release.notes import SILVER_NOTES, note_mistakes, without_notes
from config.release.tables import table_mistakes

_ADAPTER = TypeAdapter(SilverTable)


def table_files(config_directory: Path) -> list[Path]:
    """Return the files of a dataset's tables, ordered by name."""
    return sorted((config_directory / "tables").glob("*.json"))


def load_tables(config_directory: Path, where: str) -> tuple[SilverTable, ...]:
    """Read the tables of a dataset, and append the lineage columns to each.

    Parameters
    ----------
    where
        Name of the directory in error messages, such as ``domains/nsde/config``.

    Raises
    ------
    ConfigError
        There is no table, or a file has a mistake. The message lists the mistakes of all files.
    """
    tables, mistakes = [], []
    for path in table_files(config_directory):
        file = f"{where}/tables/{path.name}"
        try:
            tables.append(as_table(read_document(path, file), path.stem, file))
        except ConfigError as error:
            mistakes.append(error)
    if mistakes:
        raise ConfigError(one_on_a_line([error.what for error in mistakes]), mistakes[0].remedy)
    if not tables:
        msg = f"{where}/tables: expected a file for each silver table, such as tables/products.json (found none)"
        raise ConfigError(msg)
    return tuple(tables)


def as_table(document: dict[str, Any], name: str, file: str) -> SilverTable:
    """Validate one table's document, and append the lineage columns.

    Parameters
    ----------
    name
        Required name of the table: the file's name.
    file
        Name of the file in error messages.

    Raises
    ------
    ConfigError
        The document has a mistake.
    """
    if document.get("name", name) != name:
        found = mismatch("name", document["name"], f"{name!r}, the file's name")
        msg = f"{file}: {found}"
        raise ConfigError(msg)
    named = {"name": name, **document}
    try:
        table = _ADAPTER.validate_json(json.dumps(without_notes(named, SILVER_NOTES)), strict=True)
    except ValidationError as error:
        raise ConfigError(describe(file, error)) from error
    mistakes = [*note_mistakes("", named, SILVER_NOTES), *table_mistakes(table)]
    if mistakes:
        raise ConfigError(one_on_a_line([f"{file}: {mistake}" for mistake in mistakes]))
    return replace(table, columns=(*table.columns, *LINEAGE))

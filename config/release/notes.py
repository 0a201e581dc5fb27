"""Notes on columns. They appear in the data dictionary only, not in the deployed configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.errors import mismatch

SOURCE_NOTES = {"meaning": "meaning", "reference": "reference"}
"""Keys of a source column's notes, with their headings in the dictionary."""

SILVER_NOTES = {"source": "source", "null_when": "null when", "example": "example", "reference": "reference"}
"""Keys of a silver column's notes, with their headings in the dictionary."""


def without_notes(document: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    """Remove the notes from the columns of a member or a table. The document may be malformed otherwise."""
    columns = document.get("columns")
    if not isinstance(columns, list):
        return document
    kept = [
        {key: value for key, value in column.items() if key not in keys} if isinstance(column, dict) else column
        for column in columns
    ]
    return {**document, "columns": kept}


def note_mistakes(place: str, document: dict[str, Any], keys: dict[str, str]) -> Iterator[str]:
    """Yield one line for each note that is not a single line of text."""
    columns = document.get("columns")
    for index, column in enumerate(columns if isinstance(columns, list) else ()):
        for key in keys if isinstance(column, dict) else ():
            value = column.get(key, "")
            if not isinstance(value, str) or "\n" in value:
                yield mismatch(f"{place}columns.{index}.{key}", value, "a text on one line")

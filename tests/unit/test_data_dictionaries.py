"""Every domain's README is its data dictionary, and says what its configuration says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DOMAINS = Path(__file__).parents[2] / "domains"
NAMES = sorted(path.parent.name for path in DOMAINS.glob("*/README.md"))

_HEADING = re.compile(r"^#{2,3} ", re.MULTILINE)
_ROW = re.compile(r"^\| `(\w+)` \| ([a-z]\S*) \| (.+)$", re.MULTILINE)


def configuration(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOMAINS / name / "config/dataset.json").read_text("utf-8"))
    return document


def members(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for source in document.get("sources", [document]):
        yield from source["members"]


def section_of(name: str, table: str) -> str:
    """Section of a dictionary whose heading names a table."""
    text = (DOMAINS / name / "README.md").read_text("utf-8")
    (found,) = [part for part in _HEADING.split(text) if f"`{table}`" in part.split("\n", maxsplit=1)[0]]
    return found


def test_there_are_dictionaries() -> None:
    assert "nsde" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_silver_table_has_its_columns_with_type_and_comment_in_order(name: str) -> None:
    for table in configuration(name)["silver_tables"]:
        told = _ROW.findall(section_of(name, table["name"]))
        assert [(column, kind) for column, kind, _ in told] == [(c["name"], c["type"]) for c in table["columns"]]
        assert [c["name"] for c, row in zip(table["columns"], told, strict=True) if c["comment"] not in row[2]] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_silver_table_has_its_description_and_its_grain(name: str) -> None:
    text = (DOMAINS / name / "README.md").read_text("utf-8")
    for table in configuration(name)["silver_tables"]:
        assert table["description"] in text
        assert f"({', '.join(f'`{column}`' for column in table['grain'])})" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_source_column_is_there_with_its_header_and_aliases(name: str) -> None:
    for member in members(configuration(name)):
        text = section_of(name, f"bronze_{member['table']}")
        for column in member["columns"]:
            (line,) = [line for line in text.splitlines() if line.startswith(f"| `{column['name']}` |")]
            assert all(word in line for word in (column["header"], *column.get("aliases", ())))


@pytest.mark.parametrize("name", NAMES)
def test_comments_fit_the_catalog(name: str) -> None:
    long = [c["name"] for t in configuration(name)["silver_tables"] for c in t["columns"] if len(c["comment"]) > 255]
    assert long == []

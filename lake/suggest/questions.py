"""The queries that describe a table, in Athena's SQL, and their answers as facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from _shared.contracts.dataset import SilverColumn, SilverTable
from _shared.contracts.lineage import PREFIX

MOST_VALUES = 40
"""Distinct values of a column that is taken for a category."""

MOST_SHAPES = 8
"""Distinct shapes of a column that is taken for a code."""

_TEXT = "string"


@dataclass(frozen=True)
class Facts:
    """What is known of one column.

    Parameters
    ----------
    rows, nulls, distinct, shapes
        Numbers of rows, nulls, distinct values and distinct shapes. A shape has 9 for each digit and A for each letter.
    values, samples
        Rows by value of a category; the shapes of a code.
    """

    name: str
    rows: int
    nulls: int
    distinct: int
    shapes: int
    values: dict[str, int] = field(default_factory=dict)
    samples: tuple[str, ...] = ()


def own_columns(table: SilverTable) -> list[SilverColumn]:
    """Return the columns of a table that are not lineage."""
    return [column for column in table.columns if not column.name.startswith(PREFIX)]


def counting(table: SilverTable) -> str:
    """Return the query that counts nulls, values and shapes of every column, in one row."""
    parts = ["count(*)"]
    for column in own_columns(table):
        name = f'"{column.name}"'
        shape = f"count(DISTINCT {_shape(name)})" if column.type == _TEXT else "0"
        distinct = f"count(DISTINCT {name})" if column.type == _TEXT else "0"
        parts += [f"count({name})", distinct, shape]
    return f'SELECT {", ".join(parts)} FROM "{table.name}"'  # noqa: S608 - names of the configuration


def counted(table: SilverTable, row: Sequence[str | None]) -> list[Facts]:
    """Read the answer to :func:`counting`."""
    numbers = [int(value or 0) for value in row]
    rows, rest = numbers[0], numbers[1:]
    found = []
    for index, column in enumerate(own_columns(table)):
        present, distinct, shapes = rest[3 * index : 3 * index + 3]
        found.append(Facts(column.name, rows, rows - present, distinct, shapes))
    return found


def is_category(fact: Facts) -> bool:
    """Whether a column has few values, and each of them often."""
    return 0 < fact.distinct <= MOST_VALUES and fact.distinct * 10 <= fact.rows


def is_code(fact: Facts) -> bool:
    """Whether the many values of a column have few shapes."""
    return fact.distinct > MOST_VALUES and 0 < fact.shapes <= MOST_SHAPES


def detailing(table: SilverTable, facts: Iterable[Facts]) -> str:
    """Return the query for the values of the categories and the shapes of the codes; empty if there are none."""
    parts = []
    for fact in facts:
        name = f'"{fact.name}"'
        if is_category(fact) or is_code(fact):
            text = name if is_category(fact) else _shape(name)
            parts.append(
                f"SELECT '{fact.name}' AS name, {text} AS found, count(*) AS rows "  # noqa: S608 - names of the configuration
                f'FROM "{table.name}" WHERE {name} IS NOT NULL GROUP BY 1, 2'
            )
    return " UNION ALL ".join(parts)


def detailed(facts: Iterable[Facts], rows: Iterable[Sequence[str | None]]) -> list[Facts]:
    """Add the answer to :func:`detailing`."""
    found: dict[str, dict[str, int]] = {}
    for name, value, number in rows:
        found.setdefault(str(name), {})[str(value)] = int(number or 0)
    complete = []
    for fact in facts:
        counts = dict(sorted(found.get(fact.name, {}).items(), key=lambda item: (-item[1], item[0])))
        complete.append(replace(fact, values=counts) if is_category(fact) else replace(fact, samples=tuple(counts)))
    return complete


def _shape(name: str) -> str:
    return f"regexp_replace(regexp_replace({name}, '[0-9]', '9'), '[A-Za-z]', 'A')"

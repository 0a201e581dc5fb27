"""An answer as both engines give it, and whether two are the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """Name and type of a column; a decimal's type has its precision and scale."""

    name: str
    type: str


@dataclass(frozen=True)
class Answer:
    """Rows as Athena's API writes them; ``failure`` is the name of the error of a query that failed."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    failure: str = ""
    message: str = ""


def difference(trino: Answer, athena: Answer, *, ordered: bool) -> str:
    """Say in one line how two answers differ; empty where they are the same."""
    if trino.failure or athena.failure:
        return "" if trino.failure == athena.failure else f"Trino {_outcome(trino)}, Athena {_outcome(athena)}"
    if len(trino.columns) != len(athena.columns):
        return f"Trino {len(trino.columns)} columns, Athena {len(athena.columns)}"
    if len(trino.rows) != len(athena.rows):
        return f"Trino {len(trino.rows):,} rows, Athena {len(athena.rows):,}"
    pairs = zip(_in_order(trino, ordered=ordered), _in_order(athena, ordered=ordered), strict=True)
    for this_row, other_row in pairs:
        if this_row != other_row:
            return f"row: Trino {_short(this_row, other_row)}, Athena {_short(other_row, this_row)}"
    for this, other in zip(trino.columns, athena.columns, strict=True):
        if this != other:
            return f"column: Trino {this.name} {this.type}, Athena {other.name} {other.type}"
    return ""


def _in_order(answer: Answer, *, ordered: bool) -> list[tuple[str | None, ...]]:
    if ordered:
        return list(answer.rows)
    return sorted(answer.rows, key=lambda row: tuple((value is None, value or "") for value in row))


def _outcome(answer: Answer) -> str:
    return f"fails: {answer.failure} {answer.message}" if answer.failure else f"answers {answer.rows[:2]}"


def _short(row: tuple[str | None, ...], other: tuple[str | None, ...]) -> str:
    return str([value for value, second in zip(row, other, strict=True) if value != second])

"""Print a result as CSV: unchanged to a file or pipe, escaped on a terminal, with a note on formula cells."""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from _shared.contracts.messages import listed, shown
from lake.ui.output import Output
from lake.ui.terminal import one_line

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

Row = Sequence[str | None]


def is_formula(value: str | None) -> bool:
    """Return whether a spreadsheet would evaluate a cell as a formula. Plain numbers are values."""
    return bool(value and _FORMULA.match(value) and not _NUMBER.fullmatch(value))


def write_csv(output: Output, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Print a result as CSV, then name the columns with cells that a spreadsheet would evaluate."""
    formulas: Counter[int] = Counter()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    counted = _counted(chain([columns], rows), formulas)
    writer.writerows(map(_for_terminal, counted) if sys.stdout.isatty() else counted)
    if formulas:
        output.note(_warning(columns, formulas))


def _counted(rows: Iterable[Row], formulas: Counter[int]) -> Iterator[Row]:
    for row in rows:
        formulas.update(index for index, value in enumerate(row) if is_formula(value))
        yield row


def _for_terminal(row: Row) -> Row:
    return [None if value is None else one_line(value) for value in row]


def _warning(columns: Sequence[str], formulas: Counter[int]) -> str:
    told = listed([f"{number:,} in column {shown(columns[index])}" for index, number in sorted(formulas.items())])
    return (
        f"note: a spreadsheet would run cells that begin with =, +, -, @, a tab or a carriage return: {told}. "
        "Import these columns as text."
    )

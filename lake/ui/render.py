"""Format numbers, times and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.table import Table
from rich.text import Text

from lake.ui.terminal import one_line, printable

_KIBI = 1024
_MINUTE = 60
_TEN_SECONDS = 10
STATUS_STYLES = {
    "SUCCEEDED": "green",
    "SKIPPED": "yellow",
    "FAILED": "red",
    "TIMED_OUT": "red",
    "ABORTED": "red",
    "RUNNING": "cyan",
}


def duration(seconds: float) -> str:
    """Return a duration for people: ``0.4 s``, ``12 s``, ``3 min 05 s``."""
    if seconds < _TEN_SECONDS:
        return f"{seconds:.1f} s"
    if round(seconds) < _MINUTE:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours} h {minutes:02d} min"


def size(bytes_: int) -> str:
    """Return a size in binary units: ``512 B``, ``1.5 KiB``, ``30 MiB``."""
    value = float(bytes_)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < _KIBI:
            return f"{value:.0f} {unit}" if unit == "B" or value >= _TEN_SECONDS else f"{value:.1f} {unit}"
        value /= _KIBI
    return f"{value:.1f} TiB"


def count(number: int) -> str:
    """Return a number with thousands separators."""
    return f"{number:,}"


def seconds_between(start: str, end: str) -> float:
    """Return the seconds between two ISO 8601 instants."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def instant(iso: str) -> str:
    """Return an ISO 8601 instant for people: ``2025-01-31 06:30:00``."""
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M:%S}"


def styled(text: str, style: str) -> Text:
    """Return a styled text. Control characters are escaped, so that its width is known."""
    return Text(printable(text), style=style)


def joined(*parts: str | Text) -> Text:
    """Join plain and styled texts to one line."""
    return Text.assemble(*(printable(part) if isinstance(part, str) else part for part in parts))


def status(text: str) -> Text:
    """Return a status in its colour."""
    return styled(text, STATUS_STYLES.get(text, ""))


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Iterable[str] = ()) -> Table:
    """Return a table. Each cell is one line, so a line feed in a value cannot look like another row.

    Parameters
    ----------
    columns
        Headings.
    right
        Headings of the right-aligned columns, which are numbers.
    """
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    numbers = set(right)
    for column in columns:
        result.add_column(one_line(column), justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        result.add_row(*map(_cell, row))
    return result


def facts(pairs: Iterable[tuple[str, str | Text]]) -> Table:
    """Return names and values, one pair for each line."""
    result = Table(box=None, show_header=False, pad_edge=False)
    result.add_column(style="bold", no_wrap=True)
    result.add_column(overflow="fold")
    for name, value in pairs:
        result.add_row(_cell(name), _cell(value))
    return result


def _cell(value: str | Text) -> Text:
    if isinstance(value, str):
        return Text(one_line(value))
    return Text(one_line(value.plain), style=value.style)

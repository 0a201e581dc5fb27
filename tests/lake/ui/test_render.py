"""How numbers, times and tables look."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from lake.ui import render


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (12.4, "12 s"),
        (59.7, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7380, "2 h 03 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert render.duration(seconds) == text


@given(st.floats(min_value=0, max_value=1e6))
def test_no_duration_has_sixty_of_a_smaller_unit(seconds: float) -> None:
    assert not re.search(r"\b60 (s|min)", render.duration(seconds))


@pytest.mark.parametrize(
    ("bytes_", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (30 << 20, "30 MiB"), (5 << 40, "5.0 TiB")]
)
def test_sizes_are_in_binary_units(bytes_: int, text: str) -> None:
    assert render.size(bytes_) == text


def test_instants_with_either_spelling_of_utc_are_understood() -> None:
    assert render.seconds_between("2025-01-31T06:30:00Z", "2025-01-31T06:31:05.500000+00:00") == 65.5


def test_a_table_shows_every_cell_whole() -> None:
    console = Console(width=240, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(render.table(("name", "rows"), [("nsde", "1,234")], right=("rows",)))
    assert re.search(r"nsde\s+1,234", captured.get())

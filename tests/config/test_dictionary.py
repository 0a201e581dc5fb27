"""Every domain's README has the data dictionary that its configuration gives."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from config.datasets import dataset_names
from config.dictionary import BEGIN, END, dictionary, outdated, with_dictionary
from tests.bad_input.configuration import SMALLEST
from tests.dataset_files import TABLES, write_dataset


@pytest.mark.parametrize("name", dataset_names())
def test_the_dictionary_is_current(name: str) -> None:
    assert [path.parent.name for path, _ in outdated([name])] == [], "make dictionaries"


def test_a_dictionary_has_columns_grain_headers_aliases_and_notes(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALLEST)
    document["members"][0]["columns"][0] |= {"meaning": "The code | of a thing"}
    document[TABLES]["sample"]["columns"][0] |= {"example": "`1`"}
    lines = dictionary("sample", write_dataset(tmp_path, document)).splitlines()
    assert (lines[0], lines[-1]) == (BEGIN, END)
    assert "## Silver: `sample` and `sample_versions`" in lines
    assert "One row per code. Grain: (`code`)." in lines
    assert "| `code` | string | The code | `1` |" in lines
    assert "| `meta_run_id` | string | Run that wrote the row |" in lines
    assert "### `bronze_sample`: `*.csv`" in lines
    assert "| `code` | Code (also CODE) | The code \\| of a thing |" in lines


def test_what_is_written_by_hand_stays(tmp_path: Path) -> None:
    section = dictionary("sample", write_dataset(tmp_path, SMALLEST))
    first = with_dictionary("# Sample\n\nProse.\n", "old")
    assert first == "# Sample\n\nProse.\n\nold\n"
    written = f"# Sample\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"
    assert with_dictionary(written, section) == f"# Sample\n\nBefore.\n\n{section}\n\nAfter.\n"

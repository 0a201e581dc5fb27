"""Messages stay short whatever a source writes, and within the limits of the services that carry them."""

from __future__ import annotations

import inspect
import json
import pickle
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.errors import InvalidInputError, MedallionError, SchemaDriftError
from _shared.contracts.messages import (
    LONGEST_VALUE,
    listed,
    listed_values,
    shortened,
    shown,
)
from _shared.glue_lib.schema_utils import columns_in_file_order
from _shared.lambdas.libs.source.files.archive import ArchiveLimits, open_archive
from _shared.lambdas.libs.source.files.members import pick_members
from _shared.lambdas.libs.steps.inputs import parse_input
from config.datasets import load_dataset
from config.errors import ConfigError
from local_cloud.athena.errors import ErrorName, NotSupportedError, QueryError
from local_cloud.glue.jobs.bootstrap import error_message
from tests._shared.lambdas.support import CONFIG, RULES
from tests.bad_input.configuration import SMALLEST
from tests.dataset_files import write_dataset

ERROR_MODULES = (
    "_shared.contracts.errors",
    "_shared.contracts.errors",
    "_shared.contracts.errors",
    "config.errors",
    "lake.errors",
)
CLASSES: dict[str, type[MedallionError]] = {
    f"{member.__module__}.{member.__name__}": member
    for module in map(import_module, ERROR_MODULES)
    for _, member in inspect.getmembers(module, inspect.isclass)
    if issubclass(member, MedallionError)
}
HOSTILE = ("x", "\x1b", "\u20ac", "\U0001f600", "\ud800", '"', "\\", "\n")
STEP_FUNCTIONS_CAUSE = 32_768
STEP_FUNCTIONS_ERROR = 256


@given(st.text(max_size=300), st.integers(min_value=20, max_value=100))
def test_a_shortened_text_has_begin_and_end_and_can_be_written(text: str, most: int) -> None:
    result = shortened(text, most)
    assert len(result) <= most
    result.encode()
    if len(text) <= most and max(text, default="") < "\ud800":
        assert result == text


def test_long_values_are_shortened_in_the_middle() -> None:
    assert shown("short") == "'short'"
    assert shown("a" * 500 + "z" * 500) == f"'{'a' * 37} [\u2026] {'z' * 36}'"
    assert len(shown(["x" * 50] * 100)) == LONGEST_VALUE


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b, c"), (["a", "b", "c", "d"], "a, b, c and 1 more")],
)
def test_the_first_few_are_named_and_the_others_counted(items: list[str], text: str) -> None:
    assert listed(items) == text


def test_many_values_are_counted_with_separators() -> None:
    assert listed_values([f"c{index}" for index in range(32_000)]) == "'c0', 'c1', 'c2' and 31,997 more"


@pytest.mark.parametrize("member", CLASSES.values(), ids=CLASSES)
def test_no_error_of_the_platform_has_a_message_without_bound(member: type[MedallionError]) -> None:
    for character in HOSTILE:
        error = member(character * 1_400_000, character * 800_000)
        assert len(f"{member.__name__}: {error}") < 2000
        assert str(error) == f"{error.what}; {error.remedy}"
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
        assert str(copy) == str(error)


@pytest.mark.parametrize("error", [QueryError(ErrorName.SYNTAX_ERROR, "x" * 10_000), NotSupportedError("x" * 10_000)])
def test_no_error_of_a_query_has_a_message_without_bound(error: QueryError) -> None:
    assert len(str(error)) < 2000
    assert str(error) == f"{error.name}: {error.message}"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  # our own bytes


def test_what_is_to_be_done_is_not_lost_behind_a_long_value() -> None:
    error = InvalidInputError("x" * 10_000 + " at the end", "do this")
    assert str(error).endswith(" at the end; do this")


@pytest.mark.parametrize("character", HOSTILE)
def test_the_error_of_a_function_is_within_the_limits_of_step_functions(character: str) -> None:
    stack = [
        f'  File "/var/task/_shared/lambdas/libs/module_{n}.py", line {n}, in function\n    call()\n' for n in range(40)
    ]
    for member in CLASSES.values():
        error = member(character * 100_000, character * 100_000)
        document = {
            "errorMessage": str(error),
            "errorType": member.__name__,
            "requestId": "r" * 36,
            "stackTrace": stack,
        }
        cause = json.dumps(document)
        assert len(cause.encode()) <= STEP_FUNCTIONS_CAUSE
        assert len(member.__name__) <= STEP_FUNCTIONS_ERROR


def test_a_header_of_32000_columns_is_told_in_a_few_words() -> None:
    member = CONFIG.members[0]
    header = [f"column {index} \U0001f600" for index in range(32_000)]
    with pytest.raises(SchemaDriftError) as refused:
        columns_in_file_order(header, member, "pills", "pills.csv")
    assert len(str(refused.value)) < 2000
    assert "column 1 is 'column 0 \U0001f600', expected" in str(refused.value)
    assert " more; change members in domains/pills/config/dataset.json" in str(refused.value)


def test_a_header_of_one_long_name_is_told_by_its_begin_and_end() -> None:
    with pytest.raises(SchemaDriftError) as refused:
        columns_in_file_order(["begin" + "x" * 800_000 + "end"], CONFIG.members[0], "pills", "pills.csv")
    assert "'beginx" in str(refused.value)
    assert "xend'" in str(refused.value)


def _archive(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path


@pytest.mark.parametrize("names", [["n" * 60_000 + str(n) for n in range(12)], [f"{n}.txt" for n in range(900)]])
def test_names_in_an_archive_do_not_make_a_message_long(tmp_path: Path, names: list[str]) -> None:
    told = _refusal(_archive(tmp_path / "a.zip", names))
    assert len(told) < 1000
    assert f"and {len(names) - 5:,} more" in told


def test_a_hostile_name_does_not_make_a_message_long(tmp_path: Path) -> None:
    told = _refusal(_archive(tmp_path / "a.zip", ["../" + "n" * 60_000]))
    assert len(told) < 500
    assert "'../nnn" in told


def _refusal(path: Path) -> str:
    with (
        path.open("rb") as file,
        pytest.raises(MedallionError) as refused,
        open_archive(file, "s3://lake/a.zip", ArchiveLimits()) as opened,
    ):
        pick_members(opened.namelist(), CONFIG.members, "s3://lake/a.zip")
    return str(refused.value)


@pytest.mark.parametrize(
    "document",
    [
        {"dataset": "x" * 250_000},
        {"dataset": "pills", "source_url": "https://h/" + "x" * 250_000},
        {"dataset": "pills", "source_url": "https://elsewhere.example/" + "x" * 2000},
        {"dataset": "pills", "k" * 250_000: 1},
        {"dataset": "pills", "force": ["x"] * 60_000},
    ],
)
def test_the_input_of_an_execution_does_not_make_a_message_long(document: dict[str, object]) -> None:
    with pytest.raises(MedallionError) as refused:
        parse_input(document, CONFIG, RULES)
    assert len(str(refused.value)) < 700


def test_a_configuration_of_a_thousand_mistakes_names_the_first_and_the_count(tmp_path: Path) -> None:
    unknown = {f"unknown_{index}": "x" * 1000 for index in range(1000)}
    write_dataset(tmp_path, {**SMALLEST, "dataset": "pills", **unknown}, "pills")
    with pytest.raises(ConfigError) as refused:
        load_dataset("pills", tmp_path)
    assert len(str(refused.value)) < 2000
    assert "unknown_0: unknown key" in str(refused.value)
    assert " more" in str(refused.value)


def test_what_glue_shows_of_a_job_is_cut_after_the_whole_message() -> None:
    error = SchemaDriftError("x" * 100_000, "change members")
    assert error_message(error).endswith("; change members")

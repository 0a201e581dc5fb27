"""Configuration files with each mistake: refused before anything is synthesized."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.datasets import load_dataset
from config.environment import load_environment
from config.rules import check_secrets, check_source
from tests.bad_input.case import ConfigCase, check_error
from tests.bad_input.configuration import DATASETS, TABLE_FILES
from tests.bad_input.environments import ENVIRONMENTS, SOURCE_URLS
from tests.bad_input.several_sources import FIRST, SECOND, SECRETS, SEVERAL_SOURCES, TWO_SOURCES
from tests.dataset_files import TABLES, write_dataset


def write_body(directory: Path, body: bytes) -> Path:
    """Write a dataset as a case has it: one document with its tables, or what is no document."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and TABLES in document:
        return write_dataset(directory, document)
    path = directory / "sample" / "config" / "dataset.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    return directory


@pytest.mark.parametrize("case", [*DATASETS, *TABLE_FILES, *SEVERAL_SOURCES], ids=lambda case: case.id)
def test_a_mistake_in_a_dataset_is_told_with_file_key_and_expectation(case: ConfigCase, tmp_path: Path) -> None:
    check_error(case, "dataset.json", lambda: load_dataset("sample", write_body(tmp_path, case.body)))


@pytest.mark.parametrize("case", ENVIRONMENTS, ids=lambda case: case.id)
def test_a_mistake_in_an_environment_is_told_with_file_key_and_expectation(case: ConfigCase, tmp_path: Path) -> None:
    (tmp_path / "test.json").write_bytes(case.body)
    check_error(case, "environment", lambda: load_environment("test", tmp_path))


@pytest.mark.parametrize("case", SOURCE_URLS, ids=lambda case: case.id)
def test_a_source_that_an_environment_does_not_allow_is_refused(case: ConfigCase, tmp_path: Path) -> None:
    dataset = load_dataset("sample", write_body(tmp_path, case.body))
    check_error(case, "environment", lambda: check_source(dataset, load_environment("prod")))


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.id)
def test_a_secret_that_nothing_needs_or_may_take_is_refused(case: ConfigCase, tmp_path: Path) -> None:
    told = json.loads(case.body)
    (tmp_path / "test.json").write_text(json.dumps(told["environment"]), "utf-8")
    document = {**TWO_SOURCES, "sources": [FIRST, {**SECOND, **told["source"]}]}

    def check() -> None:
        environment = load_environment("test", tmp_path)
        dataset = load_dataset("sample", write_dataset(tmp_path, document))
        check_secrets(environment, [dataset.dataset])
        check_source(dataset, environment)

    check_error(case, "environment", check)

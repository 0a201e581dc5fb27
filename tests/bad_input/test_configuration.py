"""Configuration files with each mistake: refused before anything is synthesized."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.datasets import load_dataset
from config.environment import load_environment
from config.rules import check_source
from tests.bad_input.case import ConfigCase, check_error
from tests.bad_input.configuration import DATASETS
from tests.bad_input.environments import ENVIRONMENTS, SOURCE_URLS


def write_dataset(directory: Path, body: bytes) -> Path:
    path = directory / "sample" / "config" / "dataset.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    return directory


@pytest.mark.parametrize("case", DATASETS, ids=lambda case: case.id)
def test_a_mistake_in_a_dataset_is_told_with_file_key_and_expectation(case: ConfigCase, tmp_path: Path) -> None:
    check_error(case, "dataset.json", lambda: load_dataset("sample", write_dataset(tmp_path, case.body)))


@pytest.mark.parametrize("case", ENVIRONMENTS, ids=lambda case: case.id)
def test_a_mistake_in_an_environment_is_told_with_file_key_and_expectation(case: ConfigCase, tmp_path: Path) -> None:
    (tmp_path / "test.json").write_bytes(case.body)
    check_error(case, "environment", lambda: load_environment("test", tmp_path))


@pytest.mark.parametrize("case", SOURCE_URLS, ids=lambda case: case.id)
def test_a_source_that_an_environment_does_not_allow_is_refused(case: ConfigCase, tmp_path: Path) -> None:
    dataset = load_dataset("sample", write_dataset(tmp_path, case.body))
    check_error(case, "environment", lambda: check_source(dataset, load_environment("prod")))

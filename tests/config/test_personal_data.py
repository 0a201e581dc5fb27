"""Personal data: none in today's datasets, and an environment must have a key before one may hash any."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from _shared.contracts.dataset import DatasetConfig
from config.datasets import dataset_names, load_dataset
from config.environment import load_environment
from config.errors import ConfigError
from config.rules import check_personal_key

DOMAINS = Path(__file__).parents[2] / "domains"
LOOKS_PERSONAL = {
    "an e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b", re.IGNORECASE),
    "a US telephone number": re.compile(r"(?<![\d-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\d-])"),
    "a social security number": re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    "a date of birth": re.compile(r"\b(?:date of birth|dob)\b", re.IGNORECASE),
}


def texts(dataset: str) -> Iterator[tuple[str, str]]:
    """Yield each file of a dataset's samples, unpacked."""
    for path in sorted((DOMAINS / dataset / "samples").rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name).decode("cp1252", "replace")
        elif path.is_file() and path.suffix in {".csv", ".txt", ".RRF"}:
            yield path.name, path.read_text("utf-8", "replace")


@pytest.mark.parametrize("name", dataset_names())
def test_no_column_of_todays_datasets_is_personal_and_no_sample_looks_so(name: str) -> None:
    config = load_dataset(name)
    assert [column.name for member in config.members for column in member.columns if column.personal] == []
    read = list(texts(name))
    assert read
    found = {
        (file, kind): pattern.findall(text)[:3]
        for file, text in read
        for kind, pattern in LOOKS_PERSONAL.items()
        if pattern.search(text)
    }
    assert found == {}


def hashing(config: DatasetConfig) -> DatasetConfig:
    [member] = config.members
    first, *rest = member.columns
    columns = (replace(first, personal="hash"), *rest)
    return replace(config, sources=(replace(config.sources[0], members=(replace(member, columns=columns),)),))


def test_a_dataset_that_hashes_needs_a_key_in_its_environment() -> None:
    environment, config = load_environment("prod"), hashing(load_dataset("nsde"))
    with pytest.raises(ConfigError, match=r"config/prod\.json: personal_key_secret: required, because nsde hashes"):
        check_personal_key(config, environment)
    check_personal_key(config, environment.model_copy(update={"personal_key_secret": "lake/personal"}))
    check_personal_key(load_dataset("nsde"), environment)

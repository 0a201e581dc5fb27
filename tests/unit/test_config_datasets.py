from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.datasets import WORKERS, dataset_names, load_dataset
from config.environment import load_environment
from config.errors import ConfigError
from config.rules import GLUE_VERSIONS, WORKER_TYPES, check_source
from tests.bad_input.configuration import SMALLEST
from tests.bad_input.several_sources import TWO_SOURCES


def write(directory: Path, document: object, name: str = "sample") -> Path:
    path = directory / name / "config" / "dataset.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document), "utf-8")
    return directory


@pytest.mark.parametrize("name", dataset_names())
def test_every_dataset_that_is_shipped_is_valid_and_fetched_from_an_allowed_host(name: str) -> None:
    dataset = load_dataset(name)
    check_source(dataset, load_environment("prod"))
    assert dataset.dataset == name


def test_convention_fills_in_what_is_not_written(tmp_path: Path) -> None:
    dataset = load_dataset("sample", write(tmp_path, SMALLEST))
    assert dataset.display_name == "SAMPLE"
    assert dataset.bronze_job_name == "sample-bronze-job"
    assert dataset.silver_job_name == "sample-silver-job"
    assert dataset.bronze_crawler_name == "sample-bronze-crawler"
    assert dataset.database_name == "sample_db"
    assert dataset.glue_version == "5.1"
    assert (dataset.worker_type, dataset.number_of_workers) == WORKERS["small"]
    assert dataset.job_timeout_minutes == 60
    assert dataset.schedule is None
    assert dataset.members[0].parse.encodings == ("utf-8", "cp1252")
    assert dataset.data_quality.critical_null_threshold == 0.05


@pytest.mark.parametrize("category", WORKERS)
def test_size_category_sets_the_workers(tmp_path: Path, category: str) -> None:
    dataset = load_dataset("sample", write(tmp_path, {**SMALLEST, "data_size_category": category}))
    assert (dataset.worker_type, dataset.number_of_workers) == WORKERS[category]


def test_what_is_written_wins_over_convention(tmp_path: Path) -> None:
    written = {
        "bronze_job_name": "b",
        "silver_job_name": "s",
        "bronze_crawler_name": "c",
        "database_name": "lake",
        "glue_version": "5.0",
        "worker_type": "G.2X",
        "number_of_workers": 7,
    }
    dataset = load_dataset("sample", write(tmp_path, {**SMALLEST, "data_size_category": "large", **written}))
    assert {key: getattr(dataset, key) for key in written} == written


@pytest.mark.parametrize(
    ("first", "second", "seconds"),
    [
        ({}, {}, (300, 300)),
        ({"max_seconds": 500}, {}, (500, 100)),
        ({"max_seconds": 10}, {"max_seconds": 20}, (10, 20)),
    ],
)
def test_sources_share_the_time_for_downloads(
    tmp_path: Path, first: dict[str, int], second: dict[str, int], seconds: tuple[int, int]
) -> None:
    one, other = TWO_SOURCES["sources"]
    document = {**TWO_SOURCES, "sources": [{**one, **first}, {**other, **second}]}
    dataset = load_dataset("sample", write(tmp_path, document))
    assert tuple(source.max_seconds for source in dataset.sources) == seconds
    assert {source.max_megabytes for source in dataset.sources} == {1_000}


def test_versions_and_worker_types_are_known_to_the_cdk() -> None:
    glue = pytest.importorskip("aws_cdk.aws_glue")
    for version in GLUE_VERSIONS:
        assert f"V{version.replace('.', '_')}" in glue.GlueVersion.__members__
    for worker_type in WORKER_TYPES:
        assert worker_type.replace(".", "_") in glue.WorkerType.__members__


def test_folder_and_dataset_must_have_one_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="dataset: expected 'other', the folder's name"):
        load_dataset("other", write(tmp_path, SMALLEST, "other"))


def test_dataset_name_must_fit_the_names_made_of_it(tmp_path: Path) -> None:
    document = {**SMALLEST, "dataset": "My-Data", "database_name": "data"}
    with pytest.raises(ConfigError, match="dataset: expected 2 to 20 lower-case letters"):
        load_dataset("My-Data", write(tmp_path, document, "My-Data"))


def test_unknown_dataset_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no dataset 'other'; choose one of sample"):
        load_dataset("other", write(tmp_path, SMALLEST))


def test_folders_without_a_configuration_are_no_datasets(tmp_path: Path) -> None:
    write(tmp_path, SMALLEST)
    (tmp_path / "notes").mkdir()
    assert dataset_names(tmp_path) == ["sample"]

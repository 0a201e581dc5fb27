from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.datasets import WORKERS, dataset_names, load_dataset
from config.environment import load_environment
from config.errors import ConfigError
from config.rules import GLUE_VERSIONS, WORKER_TYPES, check_source

Document = dict[str, Any]
Change = Callable[[Document], object]

SMALLEST: Document = {
    "dataset": "sample",
    "source_url": "https://download.open.fda.gov/sample.zip",
    "members": [
        {"table": "sample", "pattern": "*.csv", "columns": [{"name": "code", "header": "Code", "aliases": ["CODE"]}]}
    ],
    "silver_tables": [
        {
            "name": "sample",
            "description": "One row per code",
            "grain": ["code"],
            "columns": [{"name": "code", "type": "string", "comment": "The code"}],
        }
    ],
}


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


def test_versions_and_worker_types_are_known_to_the_cdk() -> None:
    glue = pytest.importorskip("aws_cdk.aws_glue")
    for version in GLUE_VERSIONS:
        assert f"V{version.replace('.', '_')}" in glue.GlueVersion.__members__
    for worker_type in WORKER_TYPES:
        assert worker_type.replace(".", "_") in glue.WorkerType.__members__


def set_key(key: str, value: object) -> Change:
    return lambda document: document.update({key: value})


def member(key: str, value: object) -> Change:
    return lambda document: document["members"][0].update({key: value})


def table(key: str, value: object) -> Change:
    return lambda document: document["silver_tables"][0].update({key: value})


def twice(key: str) -> Change:
    return lambda document: document[key].append(copy.deepcopy(document[key][0]))


COLUMN = {"name": "code", "header": "Code"}

MISTAKES: list[tuple[str, Change, str]] = [
    ("colour", set_key("colour", "blue"), "Unexpected keyword argument"),
    ("source_url", lambda document: document.pop("source_url"), "Field required"),
    ("number_of_workers", set_key("number_of_workers", "many"), "valid integer"),
    ("number_of_workers", set_key("number_of_workers", 1), "at least 2"),
    ("data_size_category", set_key("data_size_category", "huge"), "one of small, medium, large, xlarge"),
    ("worker_type", set_key("worker_type", "Z.1X"), "one of G.1X"),
    ("glue_version", set_key("glue_version", "4.0"), "one of 5.0, 5.1"),
    ("job_timeout_minutes", set_key("job_timeout_minutes", 0), "1 to 10080"),
    ("display_name", set_key("display_name", "My data"), "letters, digits and hyphens"),
    ("database_name", set_key("database_name", "My-DB"), "lower-case letters"),
    ("bronze_job_name", set_key("bronze_job_name", ""), "1 to 128 letters"),
    ("silver_job_name", set_key("silver_job_name", "sample-bronze-job"), "other than bronze_job_name"),
    ("schedule.expression", set_key("schedule", {"expression": "daily"}), "cron(…), rate(…) or at(…)"),
    ("members", set_key("members", []), "at least one member"),
    ("members.table", twice("members"), "each table once"),
    ("members.0.pattern", lambda document: document["members"][0].pop("pattern"), "Field required"),
    ("members.0.table", member("table", "No Spaces"), "lower-case letters"),
    ("members.0.columns", member("columns", []), "at least one column"),
    ("members.0.columns.name", member("columns", [COLUMN, {**COLUMN, "header": "Other"}]), "each name once"),
    ("members.0.columns.header", member("columns", [COLUMN, {**COLUMN, "name": "other"}]), "each header once"),
    ("members.0.parse.delimiter", member("parse", {"delimiter": "||"}), "one character"),
    ("members.0.parse.quote", member("parse", {"quote": "''"}), "one character or none"),
    ("members.0.parse.encodings", member("parse", {"encodings": []}), "at least one encoding"),
    ("members.0.parse.encodings", member("parse", {"encodings": ["utf-9"]}), "an encoding that Python knows"),
    ("silver_tables", set_key("silver_tables", []), "at least one table"),
    ("silver_tables.name", twice("silver_tables"), "each name once"),
    ("silver_tables.0.name", table("name", "9"), "lower-case letters"),
    ("silver_tables.0.grain", table("grain", []), "at least one column"),
    ("silver_tables.0.grain", table("grain", ["colour"]), "a column of sample"),
    (
        "silver_tables.0.columns.code.type",
        table("columns", [{"name": "code", "type": "text", "comment": ""}]),
        "a Spark SQL type",
    ),
    (
        "data_quality.critical_null_threshold",
        set_key("data_quality", {"critical_null_threshold": 5}),
        "0 to 1",
    ),
    ("data_quality.max_row_count_drop", set_key("data_quality", {"max_row_count_drop": -1}), "0 to 1"),
    (
        "data_quality.required_columns",
        set_key("data_quality", {"required_columns": ["colour"]}),
        "a column of a silver table",
    ),
]


@pytest.mark.parametrize(("key", "change", "expectation"), MISTAKES)
def test_mistake_is_told_with_file_key_and_expectation(
    tmp_path: Path, key: str, change: Change, expectation: str
) -> None:
    document = copy.deepcopy(SMALLEST)
    change(document)
    with pytest.raises(ConfigError) as raised:
        load_dataset("sample", write(tmp_path, document))
    lines = str(raised.value).splitlines()
    told = [line for line in lines if line.startswith(f"domains/sample/config/dataset.json: {key}: ")]
    assert told, lines
    assert expectation in told[0]
    assert "(found " in told[0]


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


def test_file_that_is_no_json_object_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a JSON object, found list"):
        load_dataset("sample", write(tmp_path, []))


def test_folders_without_a_configuration_are_no_datasets(tmp_path: Path) -> None:
    write(tmp_path, SMALLEST)
    (tmp_path / "notes").mkdir()
    assert dataset_names(tmp_path) == ["sample"]


@pytest.mark.parametrize(
    ("url", "environment", "expectation"),
    [
        ("http://download.open.fda.gov/x.zip", "prod", "expected https"),
        ("https://example.org/x.zip", "prod", "'example.org' is no allowed host of the environment 'prod'"),
        ("file:///etc/passwd", "local", "expected https or http"),
        ("https://download.open.fda.gov@example.org/x.zip", "prod", "'example.org' is no allowed host"),
    ],
)
def test_source_that_the_environment_does_not_allow_is_refused(
    tmp_path: Path, url: str, environment: str, expectation: str
) -> None:
    dataset = load_dataset("sample", write(tmp_path, {**SMALLEST, "source_url": url}))
    with pytest.raises(ConfigError, match=f"domains/sample/config/dataset.json: source_url: {expectation}"):
        check_source(dataset, load_environment(environment))

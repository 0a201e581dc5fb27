from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from config.datasets import PIPELINES, dataset_names, load_dataset, load_datasets, size_category
from config.environment import environment_names, load_environment
from config.errors import ConfigError
from config.release.document import WORKERS
from config.rules import GLUE_VERSIONS, WORKER_TYPES, check_source
from tests.bad_input.configuration import SMALLEST
from tests.bad_input.several_sources import TWO_SOURCES
from tests.dataset_files import TABLES, write_dataset


@pytest.mark.parametrize("name", dataset_names())
def test_every_dataset_that_is_shipped_is_valid_and_fetched_from_an_allowed_host(name: str) -> None:
    dataset = load_dataset(name)
    deployed_to = [environment for environment in environment_names() if dataset.belongs_to(environment)]
    for environment in deployed_to:
        check_source(dataset, load_environment(environment))
    assert deployed_to
    assert dataset.dataset == name


def test_convention_fills_in_what_is_not_written(tmp_path: Path) -> None:
    dataset = load_dataset("sample", write_dataset(tmp_path, SMALLEST))
    assert dataset.pipeline == "release"
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
    dataset = load_dataset("sample", write_dataset(tmp_path, {**SMALLEST, "data_size_category": category}))
    assert (dataset.worker_type, dataset.number_of_workers) == WORKERS[category]
    assert size_category("sample", tmp_path) == category


def test_a_dataset_that_says_no_size_is_small(tmp_path: Path) -> None:
    assert size_category("sample", write_dataset(tmp_path, SMALLEST)) == "small"


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
    dataset = load_dataset("sample", write_dataset(tmp_path, {**SMALLEST, "data_size_category": "large", **written}))
    assert {key: getattr(dataset, key) for key in written} == written


OTHER_CONVENTIONS: dict[str, Any] = {
    "bronze_job_name": "sample-bronze-etl",
    "silver_job_name": "sample-silver-etl",
    "bronze_crawler_name": "sample-bronze-crawler",
    "database_name": "sample_db",
    "worker_type": "G.1X",
    "number_of_workers": 10,
    "data_quality": {"critical_null_threshold": 0.1, "required_columns": ["code"]},
}
"""The keys of decision 0021, with which others write their configurations."""


def test_a_configuration_of_other_conventions_keeps_its_keys(tmp_path: Path) -> None:
    document = {**SMALLEST, **OTHER_CONVENTIONS, "glue_version": "5.1"}
    dataset = load_dataset("sample", write_dataset(tmp_path, document))
    assert (dataset.bronze_job_name, dataset.number_of_workers) == ("sample-bronze-etl", 10)
    assert dataset.data_quality.critical_null_threshold == 0.1
    assert dataset.data_quality.required_columns == ("code",)


def test_a_configuration_of_other_conventions_is_told_what_its_glue_version_lacks(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, {**SMALLEST, **OTHER_CONVENTIONS, "glue_version": "4.0"})
    with pytest.raises(ConfigError, match=r"glue_version: expected one of 5\.0, 5\.1, whose Spark 3\.5 .*found '4\.0'"):
        load_dataset("sample", folder)


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
    dataset = load_dataset("sample", write_dataset(tmp_path, document))
    assert tuple(source.max_seconds for source in dataset.sources) == seconds
    assert {source.max_megabytes for source in dataset.sources} == {1_000}


def test_the_only_file_of_a_dataset_may_be_packed_otherwise(tmp_path: Path) -> None:
    assert (
        load_dataset("sample", write_dataset(tmp_path, {**SMALLEST, "packing": "plain"})).sources[0].packing == "plain"
    )
    with pytest.raises(ConfigError, match=r"dataset\.json: packing: expected one of zip, gzip, plain \(found 'tar'\)"):
        load_dataset("other", write_dataset(tmp_path, {**SMALLEST, "dataset": "other", "packing": "tar"}, "other"))


def test_versions_and_worker_types_are_known_to_the_cdk() -> None:
    glue = pytest.importorskip("aws_cdk.aws_glue")
    for version in GLUE_VERSIONS:
        assert f"V{version.replace('.', '_')}" in glue.GlueVersion.__members__
    for worker_type in WORKER_TYPES:
        assert worker_type.replace(".", "_") in glue.WorkerType.__members__


def test_folder_and_dataset_must_have_one_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="dataset: expected 'other', the folder's name"):
        load_dataset("other", write_dataset(tmp_path, SMALLEST, "other"))


def test_dataset_name_must_fit_the_names_made_of_it(tmp_path: Path) -> None:
    document = {**SMALLEST, "dataset": "My-Data", "database_name": "data"}
    with pytest.raises(ConfigError, match="dataset: expected 2 to 20 lower-case letters"):
        load_dataset("My-Data", write_dataset(tmp_path, document, "My-Data"))


def test_unknown_dataset_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no dataset 'other'; choose one of sample"):
        load_dataset("other", write_dataset(tmp_path, SMALLEST))


def test_folders_without_a_configuration_are_no_datasets(tmp_path: Path) -> None:
    write_dataset(tmp_path, SMALLEST)
    (tmp_path / "notes").mkdir()
    assert dataset_names(tmp_path) == ["sample"]


def test_tables_have_the_name_of_their_file_and_the_lineage_at_their_end(tmp_path: Path) -> None:
    (table,) = load_dataset("sample", write_dataset(tmp_path, SMALLEST)).silver_tables
    assert table.name == "sample"
    assert [column.name for column in table.columns] == [
        "code", "meta_version", "meta_run_id", "meta_source_file", "meta_source_sha256", "meta_row_position",
        "meta_ingested_at",
    ]  # fmt: skip


def test_notes_are_for_the_dictionary_and_not_deployed(tmp_path: Path) -> None:
    noted = copy.deepcopy(SMALLEST)
    noted["members"][0]["columns"][0] |= {"meaning": "A code", "reference": "page 1"}
    noted[TABLES]["sample"]["columns"][0] |= {"source": "Code", "null_when": "never", "example": "`1`"}
    plain = load_dataset("sample", write_dataset(tmp_path / "plain", SMALLEST))
    assert load_dataset("sample", write_dataset(tmp_path / "noted", noted)) == plain


def test_mistakes_of_several_tables_are_told_at_once(tmp_path: Path) -> None:
    wrong = {**SMALLEST[TABLES]["sample"], "grain": []}
    with pytest.raises(ConfigError) as raised:
        load_dataset("sample", write_dataset(tmp_path, {**SMALLEST, TABLES: {"one": wrong, "two": wrong}}))
    assert [line.split(": ")[0] for line in raised.value.what.splitlines()] == [
        "domains/sample/config/tables/one.json",
        "domains/sample/config/tables/two.json",
    ]


def test_each_kind_of_pipeline_has_the_keys_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PIPELINES, "mart", lambda document, _, file: (document["reads"], file))
    document = {"dataset": "sample", "pipeline": "mart", "reads": ["other"]}
    loaded: object = load_dataset("sample", write_dataset(tmp_path, document))
    assert loaded == (["other"], "domains/sample/config/dataset.json")
    with pytest.raises(ConfigError, match="reads: unknown key"):
        load_dataset("release", write_dataset(tmp_path, {**SMALLEST, "dataset": "release", "reads": []}, "release"))
    with pytest.raises(ConfigError, match=r"pipeline: expected one of release, mart \(found 'stream'\)"):
        load_dataset("stream", write_dataset(tmp_path, {"dataset": "stream", "pipeline": "stream"}, "stream"))


def other(**changes: Any) -> dict[str, Any]:
    """Give a second dataset that shares nothing with the first but what is given."""
    member = {**SMALLEST["members"][0], "table": "other"}
    return {
        **SMALLEST,
        "dataset": "other",
        "members": [member],
        TABLES: {"other": SMALLEST[TABLES]["sample"]},
        **changes,
    }


SAMPLE, OTHER = "domains/sample/config", "domains/other/config"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {TABLES: SMALLEST[TABLES]},
            f"{OTHER}/tables/sample.json and {SAMPLE}/tables/sample.json: both declare the table 'sample'",
        ),
        (
            {TABLES: {"sample_versions": SMALLEST[TABLES]["sample"]}},
            (
                f"{OTHER}/tables/sample_versions.json and {SAMPLE}/tables/sample.json: "
                "both declare the table 'sample_versions'"
            ),
        ),
        (
            {TABLES: {"bronze_sample": SMALLEST[TABLES]["sample"]}},
            (
                f"{OTHER}/tables/bronze_sample.json and {SAMPLE}/dataset.json (member sample): "
                "both declare the table 'bronze_sample'"
            ),
        ),
        (
            {"members": SMALLEST["members"]},
            (
                f"{OTHER}/dataset.json (member sample) and {SAMPLE}/dataset.json (member sample): "
                "both declare the table 'bronze_sample'"
            ),
        ),
        (
            {"bronze_job_name": "sample-silver-job"},
            (
                f"{OTHER}/dataset.json (bronze_job_name) and {SAMPLE}/dataset.json (silver_job_name): "
                "both declare the job 'sample-silver-job'"
            ),
        ),
        (
            {"bronze_crawler_name": "sample-bronze-crawler"},
            (
                f"{OTHER}/dataset.json (bronze_crawler_name) and {SAMPLE}/dataset.json (bronze_crawler_name): "
                "both declare the crawler 'sample-bronze-crawler'"
            ),
        ),
        (
            {"display_name": "SAMPLE"},
            (
                f"{OTHER}/dataset.json (display_name) and {SAMPLE}/dataset.json (display_name): "
                "both declare the stack 'PP-RAWS-SAMPLE-Orchestrator'"
            ),
        ),
    ],
    ids=["table", "versions", "bronze of another", "member", "job", "crawler", "stack"],
)
def test_two_datasets_share_no_name_and_both_files_are_told(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write_dataset(tmp_path, SMALLEST)
    write_dataset(tmp_path, other(**changes), "other")
    with pytest.raises(ConfigError) as raised:
        load_datasets(tmp_path)
    assert message in raised.value.what.splitlines()
    assert raised.value.remedy == "rename one: they would be written, and deleted, by both"


def test_datasets_may_share_a_database(tmp_path: Path) -> None:
    write_dataset(tmp_path, SMALLEST)
    write_dataset(tmp_path, other(database_name="sample_db"), "other")
    assert [config.dataset for config in load_datasets(tmp_path)] == ["other", "sample"]


def test_the_datasets_that_are_shipped_share_no_name() -> None:
    assert [config.dataset for config in load_datasets()] == dataset_names()

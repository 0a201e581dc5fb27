from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.environment import environment_names, load_environment
from config.errors import ConfigError

SMALLEST = {"allowed_source_hosts": ["example.org"]}


def write(directory: Path, document: object, name: str = "test") -> None:
    (directory / f"{name}.json").write_text(json.dumps(document), "utf-8")


@pytest.mark.parametrize("name", environment_names())
def test_every_environment_that_is_shipped_is_valid(name: str) -> None:
    assert load_environment(name).name == name


def test_shipped_environments() -> None:
    assert environment_names() == ["dev", "local", "prod"]


def test_only_the_laptop_takes_plain_http_and_caller_credentials() -> None:
    for name in environment_names():
        environment = load_environment(name)
        on_laptop = name == "local"
        assert ("http" in environment.allowed_source_schemes) is on_laptop
        assert environment.deploy_with_caller_credentials is on_laptop
        assert environment.encrypt_glue_logs is not on_laptop


def test_production_keeps_its_data_and_runs_on_schedule() -> None:
    environment = load_environment("prod")
    assert environment.keep_data
    assert environment.schedules_enabled


def test_defaults_are_the_safe_ones(tmp_path: Path) -> None:
    write(tmp_path, SMALLEST)
    environment = load_environment("test", tmp_path)
    assert environment.prefix == "pp-raws"
    assert environment.allowed_source_schemes == ("https",)
    assert environment.keep_data
    assert environment.encrypt_glue_logs
    assert not environment.deploy_with_caller_credentials
    assert (environment.account, environment.region, environment.alert_email) == (None, None, None)
    assert environment.reserved_concurrency is None
    assert environment.retention.raw is None


def test_unknown_environment_is_told_with_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, SMALLEST, "one")
    write(tmp_path, SMALLEST, "two")
    with pytest.raises(ConfigError, match="there is no environment 'three'; choose one of one, two"):
        load_environment("three", tmp_path)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, {**SMALLEST, "account": "1", "prefix": "!"})
    with pytest.raises(ConfigError) as raised:
        load_environment("test", tmp_path)
    assert len(str(raised.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"tiers": {"raw": {"infrequent_access": 29}}}, "tiers.raw.infrequent_access: Input should be greater than"),
        (
            {"tiers": {"raw": {"infrequent_access": 30, "glacier_instant_retrieval": 59}}},
            "tiers.raw.glacier_instant_retrieval: expected at least 60: infrequent_access begins after 30 days",
        ),
        (
            {"tiers": {"raw": {"glacier_instant_retrieval": 1, "deep_archive": 90}}},
            "tiers.raw.deep_archive: expected at least 91: glacier_instant_retrieval begins after 1 days",
        ),
        (
            {"tiers": {"bronze": {"deep_archive": 30}}, "retention": {"bronze": 209}},
            "retention.bronze: expected at least 210: deep_archive begins after 30 days and is charged for 180",
        ),
        (
            {"tiers": {"silver": {"deep_archive": 400}}},
            "tiers.silver.deep_archive: published versions are read at once",
        ),
    ],
)
def test_storage_classes_are_kept_for_the_time_that_is_charged(
    tmp_path: Path, document: dict[str, object], told: str
) -> None:
    write(tmp_path, {**SMALLEST, **document})
    with pytest.raises(ConfigError) as raised:
        load_environment("test", tmp_path)
    assert f"config/test.json: {told}" in str(raised.value)


def test_storage_classes_may_end_when_their_charge_does(tmp_path: Path) -> None:
    raw = {"infrequent_access": 30, "glacier_instant_retrieval": 60, "deep_archive": 150}
    write(tmp_path, {**SMALLEST, "tiers": {"raw": raw}, "retention": {"raw": 330}})
    assert [days for _, days in load_environment("test", tmp_path).tiers.raw.in_order()] == [30, 60, 150]


@pytest.mark.parametrize("name", ["Prod", "p", "production-1", "longerthanten"])
def test_a_name_that_cannot_begin_a_bucket_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, SMALLEST, name)
    with pytest.raises(ConfigError, match="2 to 10 lower-case letters and digits"):
        load_environment(name, tmp_path)

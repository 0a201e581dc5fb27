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

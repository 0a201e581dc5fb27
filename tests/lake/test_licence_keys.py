"""A licence key goes from the user's shell into the local cloud's Secrets Manager, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from config.environment import load_environment
from lake import datasets, licence_keys
from lake.aws import secrets
from lake.aws.connection import Connection
from lake.targets import RunningCloud, TargetChoice, choose_target
from lake.ui.output import Output
from local_cloud.environment import emulator_environment
from tests.lake.support import REGION, simulated_aws

KEY = "s3cr3t-key"
VARIABLE = "LAKE_SOURCE_KEY_RXNORM"
ENVIRONMENT = load_environment("local").model_copy(update={"source_secrets": {"rxnorm": "pp-raws/uts"}})
CLOUD = RunningCloud("http://127.0.0.1:4566", 1, {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


def test_a_key_belongs_into_the_secret_that_the_environment_names() -> None:
    assert licence_keys.given(ENVIRONMENT, {VARIABLE: f" {KEY}\n"}) == {"pp-raws/uts": KEY}
    assert licence_keys.given(ENVIRONMENT, {VARIABLE: ""}) == {}
    assert licence_keys.given(load_environment("local"), {VARIABLE: KEY}) == {}


def test_a_secret_is_made_once_and_then_given_the_new_value() -> None:
    connection = Connection(choose_target(TargetChoice.AWS, {}, None), REGION)
    secrets.put(connection, "pp-raws/uts", "old")
    secrets.put(connection, "pp-raws/uts", KEY)
    found = boto3.client("secretsmanager", region_name=REGION).get_secret_value(SecretId="pp-raws/uts")
    assert found["SecretString"] == KEY


def test_what_is_said_of_a_key_is_its_secrets_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stored: dict[str, str] = {}
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.setattr(datasets, "environment", lambda _: ENVIRONMENT)
    monkeypatch.setattr(secrets, "put", lambda _, name, value: stored.update({name: value}))
    licence_keys.store(Output(), CLOUD)
    assert stored == {"pp-raws/uts": KEY}
    said = "".join(capsys.readouterr())
    assert "pp-raws/uts" in said
    assert KEY not in said


def test_a_key_that_no_environment_asks_for_is_said_to_be_unused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.setattr(datasets, "environment", lambda _: load_environment("local"))
    licence_keys.store(Output(), CLOUD)
    said = "".join(capsys.readouterr())
    assert f"{VARIABLE} is not used" in said
    assert KEY not in said


def test_the_local_clouds_processes_do_not_inherit_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    assert KEY not in str(emulator_environment(tmp_path, 1))

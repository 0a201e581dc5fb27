"""What ``lake doctor`` finds, and what it says of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lake import exit_codes, local
from lake.aws import stacks
from lake.aws.connection import Connection
from lake.aws.stacks import Stack
from lake.commands import doctor
from lake.datasets import dataset
from lake.doctor import aws, machine, network, tools
from lake.doctor.finding import Finding, Verdict, missing, note, ok
from lake.doctor.machine import Need
from lake.targets import Target, TargetKind
from tests.lake.support import ACCOUNT, REGION, lake, simulated_aws


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


def checks(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(doctor, "_local_checks", lambda: [lambda found=found: found for found in findings])


def test_a_machine_that_lacks_nothing_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    checks(monkeypatch, ok("Disk", "9 GiB"), note("Network", "does not answer", "check the cable"))
    result = lake("doctor")
    assert result.exit_code == exit_codes.OK
    assert "Nothing is missing." in result.stdout
    assert "check the cable" in result.stdout


def test_what_is_missing_fails_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    checks(monkeypatch, ok("Disk", "9 GiB"), missing("AWS CDK", "none", "make install"))
    result = lake("doctor")
    assert result.exit_code == exit_codes.FAILED
    assert "Missing: AWS CDK." in result.stdout
    assert "make install" in result.stdout
    document = json.loads(lake("doctor", "--json").stdout)
    assert document["ready"] is False
    assert document["checks"][1] == {
        "check": "AWS CDK",
        "verdict": "missing",
        "found": "none",
        "remedy": "make install",
    }


def test_the_tools_of_this_machine_are_found() -> None:
    # The tests run on a machine that has what the project needs: each look must see it.
    for look in (tools.python, tools.packages, tools.node, tools.cdk_command_line, tools.java, machine.memory):
        assert look().verdict is Verdict.OK, look()


def test_packages_other_than_the_pinned_ones_are_named(tmp_path: Path) -> None:
    lock = tmp_path / "dev.lock"
    lock.write_text("typer==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0 ; python_version < '4'\n", "utf-8")
    found = tools.packages(lock)
    assert found.verdict is Verdict.MISSING
    assert "2 of 2 differ" in found.found
    assert "not 0.0.1" in found.found
    assert "no no-such-package 1.0" in found.found


@pytest.mark.parametrize(
    ("installed", "verdict"), [(None, Verdict.MISSING), ("1.0.0", Verdict.MISSING), ("2.0.0", Verdict.OK)]
)
def test_the_cdk_must_be_the_pinned_one(tmp_path: Path, installed: str | None, verdict: Verdict) -> None:
    (tmp_path / "package.json").write_text('{"devDependencies": {"aws-cdk": "2.0.0"}}', "utf-8")
    if installed:
        (tmp_path / "node_modules" / "aws-cdk").mkdir(parents=True)
        (tmp_path / "node_modules" / "aws-cdk" / "package.json").write_text(json.dumps({"version": installed}), "utf-8")
    assert tools.cdk_command_line(tmp_path).verdict is verdict


def test_a_java_that_does_not_run_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local, "java_home", lambda: tmp_path)
    assert tools.java().verdict is Verdict.MISSING


def test_jars_that_are_not_there_are_fetched_by_the_first_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = tools.spark_jars()
    assert found.verdict is Verdict.NOTE
    assert found.found.startswith("0 of ")


@pytest.mark.parametrize(("bytes_", "verdict"), [(9, Verdict.MISSING), (10, Verdict.NOTE), (20, Verdict.OK)])
def test_room_is_judged(bytes_: int, verdict: Verdict) -> None:
    assert Need(10, 20, "make room").judge("Disk", bytes_, "free").verdict is verdict


def test_the_disk_is_that_of_the_state_directory_even_before_it_exists(tmp_path: Path) -> None:
    assert machine.disk(tmp_path / "not" / "yet").verdict in set(Verdict)


def test_a_source_that_does_not_answer_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    found = network.source(dataset("nsde"))
    assert found.verdict is Verdict.NOTE
    assert "does not answer" in found.found
    assert "--source-url" in found.remedy


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ([sys.executable, "-c", "print('here')"], "here"),
        ([sys.executable, "-c", "raise SystemExit(1)"], None),
        (["/no/such/program"], None),
    ],
)
def test_a_program_is_asked(command: list[str], answer: str | None) -> None:
    assert tools.answer_of(command) == answer


def test_a_program_that_takes_too_long_does_not_answer() -> None:
    assert tools.answer_of([sys.executable, "-c", "import time; time.sleep(60)"], 0.2) is None


def test_what_a_deployment_to_aws_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_installed", list)
    monkeypatch.setattr(doctor, "_registries", list)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    result = lake("doctor", "--target", "aws", "--json")
    assert result.exit_code == exit_codes.FAILED
    found = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert found["AWS credentials"]["verdict"] == "missing"
    assert "sign in" in found["AWS credentials"]["remedy"]
    assert "Java 17" not in found


@pytest.mark.parametrize(("status", "verdict"), [(None, Verdict.MISSING), ("CREATE_COMPLETE", Verdict.OK)])
def test_the_account_must_be_bootstrapped(
    monkeypatch: pytest.MonkeyPatch, status: str | None, verdict: Verdict
) -> None:
    monkeypatch.setattr(stacks, "describe", lambda _, name: Stack(name, status))
    credentials, bootstrap = aws.account(Connection(Target(TargetKind.AWS, "AWS"), REGION))
    assert (credentials.verdict, bootstrap.verdict) == (Verdict.OK, verdict)
    assert ACCOUNT in credentials.found

"""Ctrl-C leaves nothing broken: nothing half started, half deleted or half told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lake import cdk, exit_codes, local
from lake.aws import athena, executions
from lake.commands import demo
from lake.context import open_context
from lake.datasets import dataset
from lake.errors import InterruptedByUserError
from lake.project import project_root, state_directory
from lake.ui.output import Output
from lake.ui.progress import Activity
from local_cloud import cloud
from tests.lake.support import EXECUTION, lake, simulated_aws


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


def interrupted(*_: object, **__: object) -> Any:
    raise KeyboardInterrupt


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_local_cloud_that_is_being_started_is_stopped(tmp_path: Path) -> None:
    state = tmp_path / "state"
    environment = {**os.environ, "LAKE_STATE_DIRECTORY": str(state)}
    command = [sys.executable, "-m", "lake", "up"]
    with subprocess.Popen(command, cwd=project_root(), env=environment, stderr=subprocess.PIPE, text=True) as process:
        while not (state / "cloud.log").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == exit_codes.INTERRUPTED, said
    assert "is stopped" in said
    assert "Traceback" not in said
    assert cloud.status(state) is None


def test_a_local_cloud_that_is_up_does_not_hear_the_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A terminal sends SIGINT to the process group in its foreground: the local cloud must not be in ours.
    groups: list[int] = []

    def look(_: cloud.Cloud, process: subprocess.Popen[bytes], __: Path) -> None:
        groups.extend((process.pid, os.getpgid(process.pid)))
        raise KeyboardInterrupt

    monkeypatch.setattr(cloud, "_wait_until_healthy", look)
    with pytest.raises(KeyboardInterrupt):
        cloud.start(tmp_path / "state")
    process, group = groups
    assert group == process
    assert not is_alive(process)


def test_a_deployment_ends_its_cdk_and_says_what_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk, "command", lambda *_: ["bash", "-c", "sleep 600 & echo $$; echo $!; wait"])
    told: list[str] = []

    def show(line: str, _: Activity) -> None:
        told.append(line.strip())
        if len(told) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cdk, "_show", show)
    with pytest.raises(InterruptedByUserError, match="deploy again"):
        cdk.deploy(["A"], "local", dict(os.environ), Activity(Output(), "Deploying"))
    program, child = map(int, told)
    assert not is_alive(program)
    # The signal has been sent to the group; the kernel delivers it when the child is next scheduled.
    deadline = time.monotonic() + 30
    while _runs(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    # The orphan is reaped by the init process of the machine, if that reaps: a zombie does not run any more.
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return is_alive(pid)


def test_a_query_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    monkeypatch.setattr(athena, "start", lambda *_: "the-query")
    monkeypatch.setattr(athena, "wait", interrupted)
    monkeypatch.setattr(athena, "stop", lambda _, query: cancelled.append(query))
    result = lake("query", "SELECT 1", "--json")
    assert result.exit_code == exit_codes.INTERRUPTED
    assert cancelled == ["the-query"]
    assert "the-query is cancelled" in json.loads(result.stdout)["what"]


def test_the_run_of_a_demo_is_stopped_since_its_source_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(executions, "describe", interrupted)
    monkeypatch.setattr(executions, "stop", lambda _, arn, __: stopped.append(arn))
    with pytest.raises(InterruptedByUserError, match="the local cloud stays up"):
        demo._follow(open_context(Output(), "aws", None), dataset("nsde"), EXECUTION)
    assert stopped == [EXECUTION]


def test_a_deletion_leaves_no_half_of_a_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    (state_directory() / "state").mkdir(parents=True)
    (state_directory() / "cloud.json").write_text("{}")
    with monkeypatch.context() as during:
        during.setattr("shutil.rmtree", lambda path, **_: interrupted() if Path(path).exists() else None)
        with pytest.raises(KeyboardInterrupt):
            local.wipe()
    assert not state_directory().exists()
    local.wipe()
    assert list(state_directory().parent.glob("*lake-deleted*")) == []


@pytest.mark.parametrize("command", [("history", "nsde"), ("logs", "nsde"), ("tables", "nsde"), ("status",)])
def test_a_command_that_only_reads_ends_with_its_own_status(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    for name in ("runs", "manifest"):
        monkeypatch.setattr(f"lake.aws.records.RecordStore.{name}", interrupted)
    monkeypatch.setattr("lake.aws.stacks.describe", interrupted)
    result = lake(*command)
    assert result.exit_code == exit_codes.INTERRUPTED
    assert "Traceback" not in result.output

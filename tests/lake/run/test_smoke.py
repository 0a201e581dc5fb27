"""``lake smoke``: four executions, what each must leave, and an end at the first that does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from _shared.contracts.run_record import FAILED, SKIPPED, RunRecord
from config.datasets import load_dataset
from lake import exit_codes
from lake.aws import executions
from lake.aws.executions import Execution
from lake.run import pipeline
from lake.run.pipeline import Outcome
from tests.lake.support import EXECUTION, RECORD, START, lake

CONFIG = load_dataset("nsde")
ABORTED = replace(RECORD, status=FAILED, error="ExecutionAborted")


def outcome(status: str, record: RunRecord | None) -> Outcome:
    return Outcome(CONFIG, Execution(EXECUTION, status, START), record, ())


GOOD = [
    outcome("SUCCEEDED", RECORD),
    outcome("SUCCEEDED", replace(RECORD, status=SKIPPED)),
    outcome("ABORTED", ABORTED),
    outcome("SUCCEEDED", replace(RECORD, redrive_count=1)),
]


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done to executions, in order."""
    done: list[str] = []

    def started(*_: Any, force: bool, **__: Any) -> str:
        done.append(f"start force={force}")
        return EXECUTION

    events = [{"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "BronzeJob"}}]
    monkeypatch.setattr(pipeline, "start", started)
    monkeypatch.setattr(executions, "describe", lambda *_: Execution(EXECUTION, "RUNNING", START))
    monkeypatch.setattr(executions, "history", lambda *_: events)
    monkeypatch.setattr(executions, "stop", lambda *_: done.append("stop"))
    monkeypatch.setattr(executions, "redrive", lambda *_: done.append("redrive"))
    return done


def ending(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> None:
    left = list(outcomes)
    monkeypatch.setattr(pipeline, "follow", lambda *_: left.pop(0))


def test_four_executions_that_end_as_expected(monkeypatch: pytest.MonkeyPatch, acts: list[str]) -> None:
    ending(monkeypatch, *GOOD)
    result = lake("smoke", "nsde", "--json")
    assert result.exit_code == exit_codes.OK, result.output
    checks = json.loads(result.stdout)
    assert [(check["name"], check["passed"], check["run_id"]) for check in checks] == [
        (name, True, RECORD.run_id) for name in ("success", "skip", "abort", "redrive")
    ]
    assert acts == ["start force=True", "start force=False", "start force=True", "stop", "redrive"]


@pytest.mark.parametrize(
    ("number", "wrong", "seen"),
    [
        (0, outcome("FAILED", replace(RECORD, status=FAILED, error="X")), "FAILED, record FAILED X"),
        (1, outcome("SUCCEEDED", RECORD), "SUCCEEDED, record SUCCEEDED"),
        (2, outcome("SUCCEEDED", RECORD), "SUCCEEDED, record SUCCEEDED"),
        (2, outcome("ABORTED", None), "ABORTED, no record"),
        (3, outcome("SUCCEEDED", RECORD), "SUCCEEDED, record SUCCEEDED"),
    ],
)
@pytest.mark.usefixtures("acts")
def test_the_first_that_ends_otherwise_fails_the_command_and_is_the_last(
    monkeypatch: pytest.MonkeyPatch, number: int, wrong: Outcome, seen: str
) -> None:
    ending(monkeypatch, *GOOD[:number], wrong)
    result = lake("smoke", "nsde", "--json")
    assert result.exit_code == exit_codes.FAILED
    checks = json.loads(result.stdout)
    assert [check["passed"] for check in checks] == [True] * number + [False]
    assert checks[-1]["seen"] == seen


@pytest.mark.usefixtures("acts")
def test_the_result_is_a_table_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, *GOOD)
    result = lake("smoke", "nsde")
    assert result.exit_code == exit_codes.OK
    assert result.stdout.count("passed") == 4
    assert "record FAILED ExecutionAborted" in " ".join(result.stdout.split())

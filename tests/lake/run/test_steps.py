"""From execution events to steps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.run.events import fetched, human_cause, job_runs
from lake.run.steps import StepStatus, steps_from_history
from lake.ui.progress import settled_line

START = datetime(2025, 1, 31, 6, 30, tzinfo=UTC)
HAPPY_PATH = (
    ("Task", "FetchAndHash"),
    ("Choice", "Changed?"),
    ("Task", "BronzeJob"),
    ("Task", "CrawlBronze"),
    ("Task", "SilverJob"),
    ("Task", "UpdateManifest"),
    ("Succeed", "Succeeded"),
)


class History:
    """Writes events as Step Functions does, one second apart."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.add("ExecutionStarted")

    def add(self, kind: str, **details: Any) -> History:
        at = START + timedelta(seconds=len(self.events))
        self.events.append({"id": len(self.events) + 1, "type": kind, "timestamp": at, **details})
        return self

    def enter(self, state: str, kind: str = "Task") -> History:
        return self.add(f"{kind}StateEntered", stateEnteredEventDetails={"name": state})

    def leave(self, state: str, kind: str = "Task", output: object = None) -> History:
        return self.add(
            f"{kind}StateExited", stateExitedEventDetails={"name": state, "output": json.dumps(output or {})}
        )

    def fail(self, error: str, cause: str = "") -> History:
        self.add("TaskScheduled", taskScheduledEventDetails={"resource": "invoke"})
        return self.add("TaskFailed", taskFailedEventDetails={"error": error, "cause": cause})

    def succeed(self, output: object = None) -> History:
        self.add("TaskScheduled", taskScheduledEventDetails={"resource": "invoke"})
        return self.add("TaskSucceeded", taskSucceededEventDetails={"output": json.dumps(output or {})})

    def visit(self, kind: str, state: str, output: object = None) -> History:
        self.enter(state, kind)
        if kind == "Task":
            self.succeed(output)
        return self.leave(state, kind, output)


def happy() -> History:
    history = History()
    for kind, state in HAPPY_PATH:
        history.visit(kind, state)
    return history.add("ExecutionSucceeded", executionSucceededEventDetails={"output": "{}"})


def test_the_states_of_a_whole_run_become_five_steps() -> None:
    steps = steps_from_history(happy().events)
    assert [step.label for step in steps] == [
        "Fetch and hash",
        "Bronze job",
        "Crawl bronze",
        "Silver job",
        "Update manifest",
    ]
    assert {step.status for step in steps} == {StepStatus.SUCCEEDED}
    assert all(step.error is None and step.retries == 0 for step in steps)


def test_waiting_for_the_crawler_is_no_retry() -> None:
    history = History().visit("Task", "CrawlBronze").visit("Choice", "CrawlBronze (running?)")
    for _ in range(2):
        history = history.visit("Wait", "CrawlBronze (wait)").visit("Task", "CrawlBronze (look)")
        history = history.visit("Choice", "CrawlBronze (ready?)")
    running = steps_from_history(history.events)
    assert [(step.label, step.status, step.retries) for step in running] == [("Crawl bronze", StepStatus.RUNNING, 0)]
    ended = steps_from_history(history.visit("Task", "CrawlBronze").visit("Task", "SilverJob").events)[0]
    assert (ended.label, ended.status, ended.retries, ended.error) == ("Crawl bronze", StepStatus.SUCCEEDED, 0, None)


def test_a_job_that_is_repeated_is_one_step_with_its_retries() -> None:
    history = History().enter("BronzeJob").fail("States.TaskFailed").leave("BronzeJob")
    history = history.visit("Task", "BronzeJob (failed)").visit("Wait", "BronzeJob (wait)")
    (running,) = steps_from_history(history.events)
    assert (running.label, running.status, running.retries) == ("Bronze job", StepStatus.RUNNING, 0)
    again = history.enter("BronzeJob")
    assert [step.retries for step in steps_from_history(again.events)] == [1]
    ended = steps_from_history(again.succeed().leave("BronzeJob").visit("Task", "SilverJob").events)
    assert [(step.label, step.retries, step.error) for step in ended] == [
        ("Bronze job", 1, None),
        ("Silver job", 0, None),
    ]


def test_a_job_that_is_given_up_was_not_retried() -> None:
    history = History().enter("BronzeJob").fail("States.TaskFailed").leave("BronzeJob").enter("BronzeJob (failed)")
    history = history.fail("JobFailedError").add(
        "ExecutionFailed", executionFailedEventDetails={"error": "JobFailedError"}
    )
    (step,) = steps_from_history(history.events)
    assert (step.label, step.status, step.retries, step.error) == ("Bronze job", StepStatus.FAILED, 0, "JobFailedError")


def test_a_skipped_run_has_one_step() -> None:
    history = History().visit("Task", "FetchAndHash").visit("Choice", "Changed?").visit("Succeed", "Skipped")
    steps = steps_from_history(history.add("ExecutionSucceeded").events)
    assert [(step.label, step.status) for step in steps] == [("Fetch and hash", StepStatus.SUCCEEDED)]


def test_the_step_under_way_runs_until_now() -> None:
    history = History().visit("Task", "FetchAndHash").visit("Choice", "Changed?").enter("BronzeJob")
    steps = steps_from_history(history.events)
    assert [step.status for step in steps] == [StepStatus.SUCCEEDED, StepStatus.RUNNING]
    assert steps[-1].seconds(steps[-1].started_at + timedelta(seconds=42)) == 42


def test_a_step_that_fails_for_good_fails_the_execution_by_its_own_error() -> None:
    history = History().visit("Task", "FetchAndHash").visit("Choice", "Changed?").enter("BronzeJob")
    history.fail("States.TaskFailed", "boom")
    history.add("ExecutionFailed", executionFailedEventDetails={"error": "States.TaskFailed", "cause": "boom"})
    steps = steps_from_history(history.events)
    assert [(step.label, step.status, step.error) for step in steps] == [
        ("Fetch and hash", StepStatus.SUCCEEDED, None),
        ("Bronze job", StepStatus.FAILED, "States.TaskFailed"),
    ]


@pytest.mark.parametrize("entered_again", [False, True])
def test_a_redriven_step_is_shown_beside_its_failure(*, entered_again: bool) -> None:
    history = History().enter("SilverJob").fail("States.TaskFailed")
    history.add("ExecutionFailed", executionFailedEventDetails={"error": "States.TaskFailed"})
    history.add("ExecutionRedriven", executionRedrivenEventDetails={"redriveCount": 1})
    if entered_again:
        history.enter("SilverJob")
    history.succeed().leave("SilverJob").visit("Task", "UpdateManifest")
    steps = steps_from_history(history.add("ExecutionSucceeded").events)
    assert [(step.label, step.status, step.retries) for step in steps] == [
        ("Silver job", StepStatus.FAILED, 0),
        ("Silver job", StepStatus.SUCCEEDED, 0),
        ("Update manifest", StepStatus.SUCCEEDED, 0),
    ]
    assert steps[1].started_at > steps[0].started_at


def test_a_retried_task_that_succeeds_is_no_failure() -> None:
    history = History().enter("FetchAndHash").fail("SourceUnavailableError").succeed().leave("FetchAndHash")
    steps = steps_from_history(history.visit("Choice", "Changed?").events)
    assert (steps[0].status, steps[0].retries, steps[0].error) == (StepStatus.SUCCEEDED, 1, None)
    assert "retried once" in settled_line(steps[0])


@pytest.mark.parametrize("end", ["ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"])
def test_an_execution_that_ends_badly_fails_the_step_it_was_in(end: str) -> None:
    steps = steps_from_history(History().enter("SilverJob").add(end, executionEndedEventDetails={"error": ""}).events)
    assert (steps[-1].label, steps[-1].status, steps[-1].error) == ("Silver job", StepStatus.FAILED, end)
    assert steps[-1].ended_at is not None


@pytest.mark.parametrize(
    ("state", "label"),
    [("EnrichLabels", "Enrich labels"), ("LoadS3Pages", "Load s3 pages"), ("retry later", "retry later")],
)
def test_every_task_is_a_step_whose_label_is_its_name_in_words(state: str, label: str) -> None:
    assert steps_from_history(History().enter(state).events)[0].label == label


@pytest.mark.parametrize("kind", ["Pass", "Choice", "Wait"])
def test_a_state_that_only_steers_is_no_step(kind: str) -> None:
    history = History().visit("Task", "CrawlBronze").visit(kind, "Wait a little").visit("Task", "SilverJob")
    steps = steps_from_history(history.events)
    assert [step.label for step in steps] == ["Crawl bronze", "Silver job"]
    assert steps[0].ended_at is not None


@given(st.integers(min_value=0, max_value=len(happy().events)))
def test_watching_never_takes_back_a_settled_step(seen: int) -> None:
    events = happy().events
    settled = [step for step in steps_from_history(events[:seen]) if step.status is not StepStatus.RUNNING]
    assert steps_from_history(events)[: len(settled)] == tuple(settled)


def test_what_was_fetched_is_read_from_the_state_after_the_fetch() -> None:
    fetch = {"decision": "process", "run_id": "20250131T063000Z-abcd1234"}
    history = History().visit("Task", "FetchAndHash", {"fetch": fetch})
    assert fetched(history.events) == fetch
    assert fetched(History().enter("FetchAndHash").events) == {}


def test_job_runs_are_found_whether_the_job_succeeded_or_failed() -> None:
    history = History().enter("BronzeJob").succeed({"JobRunId": "jr_1"}).leave("BronzeJob")
    cause = json.dumps({"Id": "jr_2", "JobName": "nsde-silver-job", "ErrorMessage": "boom"})
    history.enter("SilverJob").fail("States.TaskFailed", cause).leave("SilverJob")
    assert job_runs(history.events) == {"BronzeJob": "jr_1", "SilverJob": "jr_2"}


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ('{"errorMessage": "the archive is broken", "errorType": "BrokenArchiveError"}', "the archive is broken"),
        ('{"JobName": "j", "ErrorMessage": "{\\"errorMessage\\": \\"inner\\"}"}', "inner"),
        ("plain words", "plain words"),
        ('{"other": 1}', '{"other": 1}'),
        ("[1]", "[1]"),
        (None, ""),
    ],
)
def test_a_cause_is_told_in_its_own_words(cause: str | None, sentence: str) -> None:
    assert human_cause(cause) == sentence

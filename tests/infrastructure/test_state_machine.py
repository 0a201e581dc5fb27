from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise

import pytest

from _shared.contracts.errors import CrawlRunningError, transient_error_names
from _shared.contracts.workflow import (
    CrawlRequest,
    CrawlResult,
    FetchRequest,
    FetchResult,
    PublishResult,
    UpdateRequest,
)
from tests.infrastructure.conftest import Document, Synthesized

FUNCTIONS = {
    "FetchAndHash": ("prod-nsde-fetch-and-hash", FetchRequest, FetchResult),
    "CrawlBronze": ("prod-nsde-crawl-bronze", CrawlRequest, CrawlResult),
    "UpdateManifest": ("prod-nsde-update-manifest", UpdateRequest, PublishResult),
    "RepairCatalog": ("prod-nsde-update-manifest", UpdateRequest, PublishResult),
}
JOBS = {"BronzeJob": "prod-nsde-bronze-job", "SilverJob": "prod-nsde-silver-job"}


def following(state: Document) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    for branch in state.get("Choices", ()):
        yield branch["Next"]


def reachable(states: dict[str, Document], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(following(states[name]))
    return found


def tasks(definition: Document) -> dict[str, Document]:
    return {name: state for name, state in definition["States"].items() if state["Type"] == "Task"}


def longest_wait(retrier: Document) -> float:
    """Seconds between all attempts of a retrier, where jitter never shortens one."""
    interval, longest = retrier["IntervalSeconds"], retrier.get("MaxDelaySeconds", float("inf"))
    waits = (interval * retrier["BackoffRate"] ** attempt for attempt in range(retrier["MaxAttempts"]))
    return float(sum(min(wait, longest) for wait in waits))


def test_every_state_is_reached_and_reaches_an_end(definition: Document) -> None:
    states = definition["States"]
    assert reachable(states, definition["StartAt"]) == set(states)
    for name in states:
        assert any(states[end]["Type"] == "Succeed" for end in reachable(states, name)), name


def test_steps_follow_in_order(definition: Document) -> None:
    states = definition["States"]
    order = ("FetchAndHash", "Changed?", "BronzeJob", "CrawlBronze", "SilverJob", "UpdateManifest", "Succeeded")
    assert set(states) == {*order, "Skipped", "RepairCatalog"}
    assert definition["StartAt"] == order[0]
    for name, after in pairwise(order):
        assert after in following(states[name])
    assert states["Succeeded"] == {"Type": "Succeed"}


def test_unchanged_source_ends_as_skipped_without_glue(definition: Document) -> None:
    states = definition["States"]
    assert states["FetchAndHash"]["Next"] == "Changed?"
    changed, repair = states["Changed?"]["Choices"]
    assert (changed["Variable"], changed["StringEquals"]) == ("$.fetch.decision", "process")
    assert (repair["StringEquals"], repair["Next"]) == ("repair", "RepairCatalog")
    assert states["RepairCatalog"]["Next"] == "Skipped"
    assert reachable(states, "RepairCatalog").isdisjoint(JOBS)
    assert states["Changed?"]["Default"] == "Skipped"
    assert states["Skipped"] == {"Type": "Succeed"}


def test_a_redrive_resumes_at_the_step_that_failed(definition: Document) -> None:
    # A redrive goes on in the state that ended the execution: one that catches leads to another, and Fail fails again.
    for name, state in definition["States"].items():
        assert "Catch" not in state, name
        assert state["Type"] != "Fail", name


def test_every_task_has_a_time_out_and_retries_of_named_errors(definition: Document) -> None:
    assert set(tasks(definition)) == {*FUNCTIONS, *JOBS}
    for name, state in tasks(definition).items():
        assert state["TimeoutSeconds"] > 0, name
        retried = [error for retrier in state["Retry"] for error in retrier["ErrorEquals"]]
        assert retried, name
        assert len(retried) == len(set(retried)), name
        assert not {error for error in retried if error.startswith("States.")}, name


def test_no_state_replaces_the_state_data(definition: Document) -> None:
    paths = {name: state["ResultPath"] for name, state in tasks(definition).items()}
    assert paths == {
        "FetchAndHash": "$.fetch",
        "BronzeJob": "$.bronze",
        "CrawlBronze": "$.crawl",
        "SilverJob": "$.silver",
        "UpdateManifest": "$.published",
        "RepairCatalog": "$.published",
    }


def test_retries_back_off_with_jitter(definition: Document) -> None:
    for name, state in tasks(definition).items():
        for retrier in state["Retry"]:
            if retrier["ErrorEquals"] != [CrawlRunningError.__name__]:
                assert retrier["JitterStrategy"] == "FULL", name
                assert retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"]
                assert 0 < retrier["MaxAttempts"] <= 6
                assert retrier["BackoffRate"] == 2


def test_a_crawl_is_looked_at_every_quarter_minute_for_half_an_hour(definition: Document) -> None:
    # Step Functions takes the first retrier that names the error.
    retrier = definition["States"]["CrawlBronze"]["Retry"][0]
    assert retrier["ErrorEquals"] == [CrawlRunningError.__name__]
    assert (retrier["IntervalSeconds"], retrier["BackoffRate"]) == (15, 1)
    assert longest_wait(retrier) == 1800


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_retried_on_the_platforms_and_the_services_transient_errors(
    definition: Document, name: str
) -> None:
    retried = {error for retrier in definition["States"][name]["Retry"] for error in retrier["ErrorEquals"]}
    assert set(transient_error_names()) <= retried
    assert "Lambda.TooManyRequestsException" in retried
    # What AWS calls a process that ended without an answer, and one whose time was up; the first is the older name.
    assert {"Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout"} <= retried


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_given_what_it_asks_for_and_its_answer_is_taken_field_by_field(
    definition: Document, name: str
) -> None:
    _, request, answer = FUNCTIONS[name]
    state = definition["States"][name]
    payload = state["Parameters"]["Payload"]
    assert {key.removesuffix(".$") for key in payload} == {field.name for field in fields(request)}
    assert payload["execution.$"] == "$$.Execution"
    assert state["ResultSelector"] == {f"{field.name}.$": f"$.Payload.{field.name}" for field in fields(answer)}


@pytest.mark.parametrize("name", JOBS)
def test_jobs_are_retried_where_they_could_not_start(definition: Document, name: str) -> None:
    retried = {error for retrier in definition["States"][name]["Retry"] for error in retrier["ErrorEquals"]}
    assert {
        "Glue.ConcurrentRunsExceededException",
        "Glue.ResourceNumberLimitExceededException",
        "Glue.OperationTimeoutException",
        "Glue.InternalServiceException",
        "Glue.AWSGlueException",
        "Glue.ResourceNotReadyException",
    } <= retried


@pytest.mark.parametrize(("name", "job"), JOBS.items())
def test_job_is_waited_for_longer_than_it_may_run(definition: Document, prod: Synthesized, name: str, job: str) -> None:
    state = definition["States"][name]
    assert state["Resource"].endswith(":states:::glue:startJobRun.sync")
    assert state["Parameters"] == {"JobName": job, "Arguments": {"--run_id.$": "$.fetch.run_id"}}
    assert state["TimeoutSeconds"] > prod.only("AWS::Glue::Job", Name=job)["Timeout"] * 60


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_waited_for_longer_than_they_may_run(definition: Document, prod: Synthesized, name: str) -> None:
    limit = prod.only("AWS::Lambda::Function", FunctionName=FUNCTIONS[name][0])["Timeout"]
    assert definition["States"][name]["TimeoutSeconds"] > limit


def test_machine_outlasts_both_jobs_and_every_retry_of_the_other_steps(definition: Document) -> None:
    states = definition["States"]
    jobs = sum(states[name]["TimeoutSeconds"] for name in JOBS)
    crawl = longest_wait(states["CrawlBronze"]["Retry"][0])
    calls = 0.0
    for name in ("FetchAndHash", "UpdateManifest"):
        transient, _, crashes = states[name]["Retry"]
        attempts = 1 + transient["MaxAttempts"] + crashes["MaxAttempts"]
        calls += states[name]["TimeoutSeconds"] * attempts + longest_wait(transient) + longest_wait(crashes)
    assert definition["TimeoutSeconds"] > jobs + crawl + calls

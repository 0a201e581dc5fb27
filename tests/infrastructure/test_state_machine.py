from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise

import pytest

from _shared.contracts.errors import transient_error_names
from _shared.contracts.workflow import (
    CrawlRequest,
    CrawlResult,
    FetchRequest,
    FetchResult,
    PublishResult,
    RetryRequest,
    RetryResult,
    UpdateRequest,
)
from tests.infrastructure.conftest import Document, Synthesized

FUNCTIONS = {
    "FetchAndHash": ("prod-nsde-fetch-and-hash", FetchRequest, FetchResult),
    "BronzeJob (failed)": ("prod-nsde-retry-job", RetryRequest, RetryResult),
    "SilverJob (failed)": ("prod-nsde-retry-job", RetryRequest, RetryResult),
    "CrawlBronze": ("prod-nsde-crawl-bronze", CrawlRequest, CrawlResult),
    "UpdateManifest": ("prod-nsde-update-manifest", UpdateRequest, PublishResult),
    "RepairCatalog": ("prod-nsde-update-manifest", UpdateRequest, PublishResult),
}
JOBS = {"BronzeJob": "prod-nsde-bronze-job", "SilverJob": "prod-nsde-silver-job"}
LOOK = "CrawlBronze (look)"


def following(state: Document) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    for branch in (*state.get("Choices", ()), *state.get("Catch", ())):
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
    order = (
        *("FetchAndHash", "Changed?", "BronzeJob", "CrawlBronze", "CrawlBronze (running?)", "SilverJob"),
        *("UpdateManifest", "Succeeded"),
    )
    assert {name for name in states if " (" not in name} == {*order, "Skipped", "RepairCatalog"} - {order[4]}
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
    states = definition["States"]
    assert "Fail" not in {state["Type"] for state in states.values()}
    assert {name for name, state in states.items() if "Catch" in state} == set(JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_that_failed_is_judged_by_a_function_that_repeats_it_or_fails(definition: Document, name: str) -> None:
    states = definition["States"]
    layer = name.removesuffix("Job").lower()
    failed, wait = f"{name} (failed)", f"{name} (wait)"
    assert states[name]["Catch"] == [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": f"$.{layer}", "Next": failed}]
    assert states[failed]["Parameters"]["Payload"]["layer"] == layer
    assert states[failed]["Next"] == wait
    assert states[wait] == {"Type": "Wait", "SecondsPath": "$.retry.seconds", "Next": name}


def test_every_task_has_a_time_out_and_retries_of_named_errors(definition: Document) -> None:
    assert set(tasks(definition)) == {*FUNCTIONS, *JOBS, LOOK}
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
        "BronzeJob (failed)": "$.retry",
        "CrawlBronze": "$.crawl",
        LOOK: "$.crawler",
        "SilverJob": "$.silver",
        "SilverJob (failed)": "$.retry",
        "UpdateManifest": "$.published",
        "RepairCatalog": "$.published",
    }


def test_retries_back_off_with_jitter(definition: Document) -> None:
    for name, state in tasks(definition).items():
        for retrier in state["Retry"]:
            assert retrier["JitterStrategy"] == "FULL", name
            assert retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"]
            assert 0 < retrier["MaxAttempts"] <= 6
            assert retrier["BackoffRate"] == 2


def test_a_running_crawl_is_looked_at_every_quarter_minute_without_a_function(definition: Document) -> None:
    states = definition["States"]
    (running,) = states["CrawlBronze (running?)"]["Choices"]
    assert running == {"Variable": "$.crawl.how", "StringEquals": "CRAWLING", "Next": "CrawlBronze (wait)"}
    assert states["CrawlBronze (wait)"] == {"Type": "Wait", "Seconds": 15, "Next": LOOK}
    assert states[LOOK]["Resource"].endswith(":states:::aws-sdk:glue:getCrawler")
    assert states[LOOK]["Parameters"] == {"Name": "prod-nsde-bronze-crawler"}
    ready, slow = states["CrawlBronze (ready?)"]["Choices"]
    assert (ready["StringEquals"], ready["Next"]) == ("READY", "CrawlBronze")
    assert (slow["And"][1]["NumericGreaterThan"], slow["Next"]) == (1_800_000, "CrawlBronze")
    assert states["CrawlBronze (ready?)"]["Default"] == "CrawlBronze (wait)"


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
    crawl = 2 * states["CrawlBronze (ready?)"]["Choices"][1]["And"][1]["NumericGreaterThan"] / 1000
    calls = 0.0
    for name in ("FetchAndHash", "UpdateManifest"):
        transient, _, crashes = states[name]["Retry"]
        attempts = 1 + transient["MaxAttempts"] + crashes["MaxAttempts"]
        calls += states[name]["TimeoutSeconds"] * attempts + longest_wait(transient) + longest_wait(crashes)
    assert definition["TimeoutSeconds"] > jobs + crawl + calls

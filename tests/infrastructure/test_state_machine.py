from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from _shared.contracts.error_names import TRANSIENT_ERROR_NAMES
from tests.infrastructure.conftest import Document, Synthesized

TERMINAL = ("Succeed", "Fail")


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


def test_every_transition_leads_to_a_state(definition: Document) -> None:
    states = definition["States"]
    for state in states.values():
        assert set(following(state)) <= set(states)


def test_every_state_is_reached_and_reaches_an_end(definition: Document) -> None:
    states = definition["States"]
    assert reachable(states, definition["StartAt"]) == set(states)
    for name in states:
        assert any(states[end]["Type"] in TERMINAL for end in reachable(states, name)), name


def test_only_succeed_and_fail_end_an_execution(definition: Document) -> None:
    for name, state in definition["States"].items():
        assert "End" not in state, name
        assert bool(list(following(state))) is (state["Type"] not in TERMINAL), name


def test_every_task_has_a_time_out_retries_and_a_catch_of_everything(definition: Document) -> None:
    assert len(tasks(definition)) == 9
    for name, state in tasks(definition).items():
        assert state["TimeoutSeconds"] > 0, name
        assert state["Retry"], name
        assert state["Catch"][-1] == {**state["Catch"][-1], "ErrorEquals": ["States.ALL"]}, name
        assert state["Catch"][-1]["ResultPath"] == f"$.failed.{name}"


def test_no_state_replaces_the_state_data(definition: Document) -> None:
    for name, state in definition["States"].items():
        if state["Type"] in {"Task", "Pass"} and name != "InputRefused":
            assert state.get("ResultPath", "$").startswith("$."), f"{name} would lose what earlier states found out"


def test_retries_are_named_bounded_and_jittered(definition: Document) -> None:
    for name, state in tasks(definition).items():
        for retrier in state["Retry"]:
            assert not {error for error in retrier["ErrorEquals"] if error.startswith("States.")}, name
            assert retrier["JitterStrategy"] == "FULL"
            assert retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"]
            assert 0 < retrier["MaxAttempts"] <= 40
            assert retrier["BackoffRate"] == 2


@pytest.mark.parametrize("name", ["FetchAndHash", "UpdateManifest", "RecordFailure"])
def test_functions_are_retried_on_the_platforms_and_the_services_transient_errors(
    definition: Document, name: str
) -> None:
    retried = {error for retrier in definition["States"][name]["Retry"] for error in retrier["ErrorEquals"]}
    assert set(TRANSIENT_ERROR_NAMES) <= retried
    assert "Lambda.TooManyRequestsException" in retried


@pytest.mark.parametrize("name", ["BronzeJob", "SilverJob"])
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


@pytest.mark.parametrize(("name", "job"), [("BronzeJob", "nsde-bronze-job"), ("SilverJob", "nsde-silver-job")])
def test_job_is_waited_for_longer_than_it_may_run(definition: Document, prod: Synthesized, name: str, job: str) -> None:
    state = definition["States"][name]
    assert state["Resource"].endswith(":states:::glue:startJobRun.sync")
    assert state["Parameters"] == {"JobName": job, "Arguments": {"--run_id.$": "$.fetch.run_id"}}
    assert state["TimeoutSeconds"] > prod.only("AWS::Glue::Job", Name=job)["Timeout"] * 60


def test_machine_outlasts_both_jobs(definition: Document) -> None:
    states = definition["States"]
    jobs = states["BronzeJob"]["TimeoutSeconds"] + states["SilverJob"]["TimeoutSeconds"]
    assert definition["TimeoutSeconds"] > jobs


def test_functions_are_waited_for_longer_than_they_may_run(definition: Document, prod: Synthesized) -> None:
    for name, function in (("FetchAndHash", "nsde-fetch-and-hash"), ("UpdateManifest", "nsde-update-manifest")):
        limit = prod.only("AWS::Lambda::Function", FunctionName=function)["Timeout"]
        assert definition["States"][name]["TimeoutSeconds"] > limit


def test_unchanged_source_ends_as_skipped_without_glue(definition: Document) -> None:
    states = definition["States"]
    assert states["FetchAndHash"]["Next"] == "Changed?"
    [changed] = states["Changed?"]["Choices"]
    assert (changed["Variable"], changed["StringEquals"]) == ("$.fetch.decision", "process")
    assert states["Changed?"]["Default"] == "Skipped"
    assert states["Skipped"] == {"Type": "Succeed"}


def test_steps_follow_in_order(definition: Document) -> None:
    states = definition["States"]
    assert states["Changed?"]["Choices"][0]["Next"] == "BronzeJob"
    assert states["BronzeJob"]["Next"] == "StartCrawl"
    assert states["CrawlSucceeded?"]["Choices"][0]["Next"] == "SilverJob"
    assert states["SilverJob"]["Next"] == "UpdateManifest"
    assert states["UpdateManifest"]["Next"] == "Succeeded"


def test_running_crawl_is_waited_for_before_ours_is_started(definition: Document) -> None:
    busy = definition["States"]["StartCrawl"]["Retry"][0]
    assert "Glue.CrawlerRunningException" in busy["ErrorEquals"]
    assert busy["MaxAttempts"] * busy["MaxDelaySeconds"] >= 1800


def test_crawl_loop_counts_every_turn_and_is_bounded(definition: Document) -> None:
    states = definition["States"]
    ready, exhausted = states["CrawlReady?"]["Choices"]
    assert ready["StringEquals"] == "READY"
    assert exhausted["Variable"] == "$.crawl.polls"
    assert exhausted["NumericGreaterThanEquals"] * states["WaitForCrawl"]["Seconds"] == 1800
    assert exhausted["Next"] == "CrawlTimedOut"
    assert states["CrawlStarted"]["Result"] == {"polls": 0}
    assert states["CountPoll"]["Parameters"] == {"polls.$": "States.MathAdd($.crawl.polls, 1)"}
    without_count = {name: state for name, state in states.items() if name != "CountPoll"}
    without_count["CrawlReady?"] = {**states["CrawlReady?"], "Default": "CrawlTimedOut"}
    after = set().union(*(reachable(without_count, end) for end in following(without_count["CrawlReady?"])))
    assert "WaitForCrawl" not in after


def test_only_a_successful_crawl_goes_on(definition: Document) -> None:
    gate = definition["States"]["CrawlSucceeded?"]
    [success] = gate["Choices"]
    outcome = "$.crawl.status.Crawler.LastCrawl.Status"
    assert success["And"] == [
        {"Variable": outcome, "IsPresent": True},
        {"Variable": outcome, "StringEquals": "SUCCEEDED"},
    ]
    assert gate["Default"] == "CrawlFailed"


@pytest.mark.parametrize("name", ["CrawlFailed", "CrawlTimedOut"])
def test_crawl_that_fails_is_a_failure_with_a_name(definition: Document, name: str) -> None:
    state = definition["States"][name]
    assert state["Parameters"]["Error"] == name
    assert state["ResultPath"] == "$.failed.Crawl"
    assert state["Next"] == "RecordFailure"


def test_every_failure_is_recorded_told_kept_and_ends_in_fail(definition: Document) -> None:
    states = definition["States"]
    reporting = {"RecordFailure": "FailureUnrecorded", "NotifyFailure": "DeadLetter", "DeadLetter": "Failed"}
    for name, state in tasks(definition).items():
        assert state["Catch"][-1]["Next"] == reporting.get(name, "RecordFailure")
    assert states["RecordFailure"]["Next"] == "NotifyFailure"
    assert states["FailureUnrecorded"]["Next"] == "NotifyFailure"
    assert states["NotifyFailure"]["Next"] == "DeadLetter"
    assert states["DeadLetter"]["Next"] == "Failed"
    assert states["Failed"] == {"Type": "Fail", "ErrorPath": "$.failure.error", "CausePath": "$.failure.cause"}
    assert not {"Succeeded", "Skipped"} & reachable(states, "RecordFailure")


def test_a_refused_input_of_any_shape_takes_the_way_of_every_failure(definition: Document) -> None:
    states = definition["States"]
    refused, _ = states["FetchAndHash"]["Catch"]
    # Into an input that is no object, or has a key "failed" that is none, nothing can be written.
    assert refused == {"ErrorEquals": ["InvalidInputError"], "ResultPath": "$", "Next": "InputRefused"}
    assert states["InputRefused"] == {
        "Type": "Pass",
        "Parameters": {"input.$": "$$.Execution.Input", "failed": {"FetchAndHash.$": "$"}},
        "Next": "RecordFailure",
    }


def test_dead_letter_is_the_whole_state_and_names_its_execution(definition: Document) -> None:
    parameters = definition["States"]["DeadLetter"]["Parameters"]
    assert parameters["MessageBody.$"] == "States.JsonToString($)"
    assert parameters["MessageAttributes"]["execution"]["StringValue.$"] == "$$.Execution.Id"


def test_minimal_notice_has_what_the_alert_and_the_end_read(definition: Document) -> None:
    states = definition["States"]
    minimal = {key.removesuffix(".$") for key in states["FailureUnrecorded"]["Parameters"]}
    recorded = {key.removesuffix(".$") for key in states["RecordFailure"]["ResultSelector"]}
    assert minimal == recorded == {"subject", "message", "step", "error", "cause"}
    subject = states["FailureUnrecorded"]["Parameters"]["subject"]
    assert len(subject) <= 100
    assert subject.isascii()


def test_minimal_notice_repeats_the_failures_once(definition: Document) -> None:
    # Two causes of 32 KiB each, escaped once more with each repetition, must stay below the 256 KiB of a state.
    minimal = definition["States"]["FailureUnrecorded"]["Parameters"]
    assert json.dumps(minimal).count("States.JsonToString($.failed)") == 1
    assert (minimal["error.$"], minimal["cause.$"]) == ("$.failed.RecordFailure.Error", "$.failed.RecordFailure.Cause")

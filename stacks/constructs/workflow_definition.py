"""The pipeline as Amazon States Language: state names, input and output are a contract.

What each state reads and writes is told in :mod:`_shared.contracts.workflow`.
"""

from __future__ import annotations

from typing import Any

from _shared.contracts.workflow import PROCESS, PUBLISH, FetchResult, PublishResult
from stacks.constructs.retries import crawl_start_retries, glue_retries
from stacks.constructs.workflow_failure import failure_states
from stacks.constructs.workflow_tasks import (
    State,
    WorkflowResources,
    catch,
    every_field,
    fetch_call,
    glue_call,
    integration,
    refused_input,
    update_call,
)

CRAWL_POLL_SECONDS = 15
CRAWL_MOST_POLLS = 120
JOB_START_MARGIN_MINUTES = 15
"""What a job run may wait for capacity before its own time-out starts to count."""


def definition(resources: WorkflowResources, timeout_seconds: int) -> dict[str, Any]:
    """Return the whole state machine."""
    return {
        "Comment": f"{resources.dataset}: fetch, and where something changed: bronze, crawl, silver, publish",
        "StartAt": "FetchAndHash",
        "TimeoutSeconds": timeout_seconds,
        "States": {
            **_fetch(resources),
            "BronzeJob": _job(resources, "BronzeJob", resources.bronze_job, "$.bronze", "StartCrawl"),
            **_crawl(resources),
            "SilverJob": _job(resources, "SilverJob", resources.silver_job, "$.silver", "UpdateManifest"),
            **_publish(resources),
            **failure_states(resources),
        },
    }


def _fetch(resources: WorkflowResources) -> dict[str, State]:
    return {
        "FetchAndHash": {
            **fetch_call(resources),
            "ResultSelector": every_field(FetchResult),
            "ResultPath": "$.fetch",
            "Catch": [refused_input("InputRefused"), *catch("FetchAndHash")],
            "Next": "Changed?",
        },
        "InputRefused": {
            "Type": "Pass",
            "Parameters": {"input.$": "$$.Execution.Input", "failed": {"FetchAndHash.$": "$"}},
            "Next": "RecordFailure",
        },
        "Changed?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.fetch.decision", "StringEquals": PROCESS, "Next": "BronzeJob"}],
            "Default": "Skipped",
        },
        "Skipped": {"Type": "Succeed"},
    }


def _job(resources: WorkflowResources, name: str, job: str, result_path: str, following: str) -> State:
    return {
        "Type": "Task",
        "Resource": integration(resources, "glue:startJobRun.sync"),
        "Parameters": {"JobName": job, "Arguments": {"--run_id.$": "$.fetch.run_id"}},
        "TimeoutSeconds": (resources.job_timeout_minutes + JOB_START_MARGIN_MINUTES) * 60,
        "ResultSelector": {"JobRunId.$": "$.Id"},
        "ResultPath": result_path,
        "Retry": glue_retries(),
        "Catch": catch(name),
        "Next": following,
    }


def _crawl(resources: WorkflowResources) -> dict[str, State]:
    ready = "$.crawl.status.Crawler.State"
    outcome = "$.crawl.status.Crawler.LastCrawl.Status"
    return {
        "StartCrawl": {
            **glue_call(resources, "startCrawler"),
            "ResultPath": "$.crawl",
            "Retry": crawl_start_retries(),
            "Catch": catch("StartCrawl"),
            "Next": "CrawlStarted",
        },
        "CrawlStarted": {"Type": "Pass", "Result": {"polls": 0}, "ResultPath": "$.crawl", "Next": "WaitForCrawl"},
        "WaitForCrawl": {"Type": "Wait", "Seconds": CRAWL_POLL_SECONDS, "Next": "GetCrawl"},
        "GetCrawl": {
            **glue_call(resources, "getCrawler"),
            # A crawler that never finished a crawl has no LastCrawl: it cannot be selected here.
            "ResultSelector": {"Crawler.$": "$.Crawler"},
            "ResultPath": "$.crawl.status",
            "Retry": glue_retries(),
            "Catch": catch("GetCrawl"),
            "Next": "CrawlReady?",
        },
        "CrawlReady?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": ready, "StringEquals": "READY", "Next": "CrawlSucceeded?"},
                {"Variable": "$.crawl.polls", "NumericGreaterThanEquals": CRAWL_MOST_POLLS, "Next": "CrawlTimedOut"},
            ],
            "Default": "CountPoll",
        },
        "CountPoll": {
            "Type": "Pass",
            "Parameters": {"polls.$": "States.MathAdd($.crawl.polls, 1)"},
            "ResultPath": "$.crawl",
            "Next": "WaitForCrawl",
        },
        "CrawlSucceeded?": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": outcome, "IsPresent": True},
                        {"Variable": outcome, "StringEquals": "SUCCEEDED"},
                    ],
                    "Next": "SilverJob",
                }
            ],
            "Default": "CrawlFailed",
        },
        "CrawlFailed": _crawl_failure("CrawlFailed", f"The crawl of {resources.crawler} did not succeed"),
        "CrawlTimedOut": _crawl_failure(
            "CrawlTimedOut",
            f"The crawl of {resources.crawler} still ran after {CRAWL_MOST_POLLS * CRAWL_POLL_SECONDS // 60} minutes",
        ),
    }


def _crawl_failure(error: str, what: str) -> State:
    return {
        "Type": "Pass",
        "Parameters": {
            "Error": error,
            "Cause.$": f"States.Format('{what}; the crawler as Glue reports it: {{}}', "
            "States.JsonToString($.crawl.status.Crawler))",
        },
        "ResultPath": "$.failed.Crawl",
        "Next": "RecordFailure",
    }


def _publish(resources: WorkflowResources) -> dict[str, State]:
    return {
        "UpdateManifest": {
            **update_call(resources, PUBLISH),
            "ResultSelector": every_field(PublishResult),
            "ResultPath": "$.published",
            "Catch": catch("UpdateManifest"),
            "Next": "Succeeded",
        },
        "Succeeded": {"Type": "Succeed"},
    }

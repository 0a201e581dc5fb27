"""The pipeline as Amazon States Language: state names, input and output are a contract.

What each state reads and writes is told in :mod:`_shared.contracts.workflow`. Nothing is caught: a step that fails for
good fails the execution under its own name, so that a redrive resumes at that very step. What is to be done about the
failure is done from outside, by :mod:`stacks.constructs.failure_rule`.
"""

from __future__ import annotations

from typing import Any

from _shared.contracts.workflow import PROCESS, REPAIR, CrawlResult, FetchResult, PublishResult
from stacks import time_limits
from stacks.constructs.retries import crawl_retries, function_retries
from stacks.constructs.workflow_tasks import FunctionCall, State, WorkflowResources, function_task, job_task


def definition(resources: WorkflowResources) -> dict[str, Any]:
    """Return the whole state machine."""
    return {
        "Comment": f"{resources.dataset}: fetch, and where something changed: bronze, crawl, silver, publish",
        "StartAt": "FetchAndHash",
        "TimeoutSeconds": int(time_limits.longest_run(resources.job_timeout_minutes).to_seconds()),
        "States": {
            "FetchAndHash": {**_fetch(resources), "ResultPath": "$.fetch", "Next": "Changed?"},
            "Changed?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.fetch.decision", "StringEquals": PROCESS, "Next": "BronzeJob"},
                    {"Variable": "$.fetch.decision", "StringEquals": REPAIR, "Next": "RepairCatalog"},
                ],
                "Default": "Skipped",
            },
            "RepairCatalog": {**_update(resources), "ResultPath": "$.published", "Next": "Skipped"},
            "Skipped": {"Type": "Succeed"},
            "BronzeJob": {
                **job_task(resources, resources.bronze_job),
                "ResultPath": "$.bronze",
                "Next": "CrawlBronze",
            },
            "CrawlBronze": {**_crawl(resources), "ResultPath": "$.crawl", "Next": "SilverJob"},
            "SilverJob": {
                **job_task(resources, resources.silver_job),
                "ResultPath": "$.silver",
                "Next": "UpdateManifest",
            },
            "UpdateManifest": {**_update(resources), "ResultPath": "$.published", "Next": "Succeeded"},
            "Succeeded": {"Type": "Succeed"},
        },
    }


def _fetch(resources: WorkflowResources) -> State:
    call = FunctionCall(
        arn=resources.fetch_function_arn,
        limit=time_limits.FETCH,
        payload={},
        answer=FetchResult,
        retries=function_retries(),
    )
    return function_task(resources, call)


def _crawl(resources: WorkflowResources) -> State:
    call = FunctionCall(
        arn=resources.crawl_function_arn,
        limit=time_limits.CRAWL_CALL,
        payload={"run_id.$": "$.fetch.run_id"},
        answer=CrawlResult,
        retries=crawl_retries(),
    )
    return function_task(resources, call)


def _update(resources: WorkflowResources) -> State:
    call = FunctionCall(
        arn=resources.update_function_arn,
        limit=time_limits.UPDATE,
        payload={"state.$": "$"},
        answer=PublishResult,
        retries=function_retries(),
    )
    return function_task(resources, call)

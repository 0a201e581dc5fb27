"""Building blocks of the pipeline's definition: what it calls, and how one call looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from aws_cdk import Duration

from _shared.contracts.workflow import CrawlResult, FetchResult, PublishResult
from stacks.constructs.retries import job_retries
from stacks.time_limits import wait_for_function, wait_for_job

State = dict[str, Any]


@dataclass(frozen=True)
class WorkflowResources:
    """What the state machine calls; ARNs may be CDK tokens."""

    partition: str
    dataset: str
    fetch_function_arn: str
    crawl_function_arn: str
    update_function_arn: str
    bronze_job: str
    silver_job: str
    job_timeout_minutes: int


@dataclass(frozen=True)
class FunctionCall:
    """One call of a Lambda function.

    Parameters
    ----------
    limit
        How long the function may run.
    payload
        What it is given besides the execution.
    answer
        What it answers.
    retries
        Retriers of the task.
    """

    arn: str
    limit: Duration
    payload: Mapping[str, str]
    answer: type[FetchResult | CrawlResult | PublishResult]
    retries: Sequence[dict[str, Any]]


def function_task(resources: WorkflowResources, call: FunctionCall) -> State:
    """Return the task that calls a function with the execution and more, and takes its answer field by field.

    An answer that lacks a field fails the state.
    """
    return {
        "Type": "Task",
        "Resource": _integration(resources, "lambda:invoke"),
        "Parameters": {
            "FunctionName": call.arn,
            # Whole: Step Functions leaves RedriveTime out of a first attempt, and a path to it would fail there.
            "Payload": {**call.payload, "execution.$": "$$.Execution"},
        },
        "TimeoutSeconds": wait_for_function(call.limit),
        "ResultSelector": {f"{field.name}.$": f"$.Payload.{field.name}" for field in fields(call.answer)},
        "Retry": list(call.retries),
    }


def job_task(resources: WorkflowResources, job: str) -> State:
    """Return the task that runs a Glue job for this run and waits for its end."""
    return {
        "Type": "Task",
        "Resource": _integration(resources, "glue:startJobRun.sync"),
        "Parameters": {"JobName": job, "Arguments": {"--run_id.$": "$.fetch.run_id"}},
        # Glue ends a job run by the job's own time-out; this ends one that never comes to run.
        "TimeoutSeconds": wait_for_job(resources.job_timeout_minutes),
        "ResultSelector": {"JobRunId.$": "$.Id"},
        "Retry": job_retries(),
    }


def _integration(resources: WorkflowResources, name: str) -> str:
    return f"arn:{resources.partition}:states:::{name}"

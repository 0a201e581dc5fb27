"""Building blocks of the pipeline's definition: what it calls, and how one call looks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from _shared.contracts.error_names import INVALID_INPUT_ERROR_NAME
from _shared.contracts.workflow import FailureNotice, FetchResult, PublishResult
from stacks.constructs.retries import function_retries

CALL_TIMEOUT_SECONDS = 60
"""How long a call may take that only asks or tells a service something."""

State = dict[str, Any]


@dataclass(frozen=True)
class WorkflowResources:
    """What the state machine calls; ARNs may be CDK tokens."""

    partition: str
    dataset: str
    fetch_function_arn: str
    fetch_timeout_seconds: int
    update_function_arn: str
    update_timeout_seconds: int
    bronze_job: str
    silver_job: str
    job_timeout_minutes: int
    crawler: str
    topic_arn: str
    queue_url: str


def integration(resources: WorkflowResources, name: str) -> str:
    """Return the resource of a service integration."""
    return f"arn:{resources.partition}:states:::{name}"


def fetch_call(resources: WorkflowResources) -> State:
    """Return the task that calls FetchAndHash with the caller's input."""
    return _function(resources, resources.fetch_function_arn, resources.fetch_timeout_seconds, {"input.$": "$"})


def update_call(resources: WorkflowResources, action: str) -> State:
    """Return the task that calls UpdateManifest with the whole state."""
    payload = {"action": action, "state.$": "$"}
    return _function(resources, resources.update_function_arn, resources.update_timeout_seconds, payload)


def _function(resources: WorkflowResources, arn: str, timeout_seconds: int, payload: dict[str, str]) -> State:
    execution = {"execution.$": "$$.Execution.Id", "started_at.$": "$$.Execution.StartTime"}
    return {
        "Type": "Task",
        "Resource": integration(resources, "lambda:invoke"),
        "Parameters": {"FunctionName": arn, "Payload": {**payload, **execution}},
        "TimeoutSeconds": timeout_seconds,
        "Retry": function_retries(),
    }


def glue_call(resources: WorkflowResources, action: str) -> State:
    """Return the task that calls one Glue action on the crawler."""
    return {
        "Type": "Task",
        "Resource": integration(resources, f"aws-sdk:glue:{action}"),
        "Parameters": {"Name": resources.crawler},
        "TimeoutSeconds": CALL_TIMEOUT_SECONDS,
    }


def every_field(contract: type[FetchResult | PublishResult | FailureNotice]) -> dict[str, str]:
    """Select each field of the function's answer by name: an answer that lacks one fails the state."""
    return {f"{field.name}.$": f"$.Payload.{field.name}" for field in fields(contract)}


def catch(state: str, following: str = "RecordFailure") -> list[dict[str, Any]]:
    """Return the catch of everything, told under ``$.failed.<state>``."""
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": f"$.failed.{state}", "Next": following}]


def refused_input(following: str) -> dict[str, Any]:
    """Return the catcher of an input that the function refuses.

    A result path could not be written into an input that is no object or whose own keys are in the way, and
    Step Functions would end the execution there, unrecorded; so the error takes the input's place.
    """
    return {"ErrorEquals": [INVALID_INPUT_ERROR_NAME], "ResultPath": "$", "Next": following}

"""A step of a state machine: a task state, and the permissions that the state machine's role needs for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Stack
from constructs import Construct

from _shared.contracts import naming
from stacks.access.lake_access import glue_arn
from stacks.access.permissions import Permission
from stacks.constructs.function import PipelineFunction
from stacks.constructs.jobs import Jobs
from stacks.steps.retries import function_retries, job_retries

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

State = dict[str, Any]

SUCCEED: State = {"Type": "Succeed"}

_FUNCTION_MARGIN = Duration.seconds(30)
"""The state machine waits a little longer than the function's own time-out, which should apply first."""

_JOB_START_MARGIN = Duration.minutes(15)
"""Time that a job run may wait for capacity before its own time-out starts."""


@dataclass(frozen=True)
class Step:
    """A step whose function or job is part of the stack.

    Parameters
    ----------
    name
        Name of the state.
    state
        The state, without its transition to the next one.
    calls
        Permissions of the state machine's role.
    """

    name: str
    state: State
    calls: Permission


@dataclass(frozen=True)
class FunctionTask:
    """Settings of a task that invokes a function.

    Parameters
    ----------
    result
        Key of the function's result in the state data.
    answer
        Dataclass of the function's result.
    payload
        Input of the function besides the execution.
    retries
        Retriers of the task; ``None`` for the default ones.
    """

    result: str
    answer: type[DataclassInstance]
    payload: Mapping[str, str]
    retries: Sequence[dict[str, Any]] | None = None


def function_step(name: str, function: PipelineFunction, task: FunctionTask) -> Step:
    """Return the step that invokes a function with the execution and a payload, and selects each field of its result.

    A result that lacks a field fails the state.
    """
    limit = function.settings.timeout.to_seconds() + _FUNCTION_MARGIN.to_seconds()
    state = {
        "Type": "Task",
        "Resource": _integration(function, "lambda:invoke"),
        "Parameters": {
            "FunctionName": function.function.function_arn,
            # The whole object: RedriveTime is missing in a first attempt, so that a path to it would fail.
            "Payload": {**task.payload, "execution.$": "$$.Execution"},
        },
        "TimeoutSeconds": int(limit),
        "ResultSelector": {f"{field.name}.$": f"$.Payload.{field.name}" for field in fields(task.answer)},
        "ResultPath": f"$.{task.result}",
        "Retry": list(function_retries() if task.retries is None else task.retries),
    }
    return Step(name, state, Permission(("lambda:InvokeFunction",), (function.function.function_arn,)))


def job_step(layer: str, job: str, jobs: Jobs) -> Step:
    """Return the step that runs a layer's Glue job for this run and waits for its end."""
    limit = Duration.minutes(jobs.deployment.dataset.job_timeout_minutes)
    state = {
        "Type": "Task",
        "Resource": _integration(jobs, "glue:startJobRun.sync"),
        "Parameters": {"JobName": job, "Arguments": {"--run_id.$": "$.fetch.run_id"}},
        # The job's own time-out ends a job run. This limit ends one that never starts.
        "TimeoutSeconds": int(limit.to_seconds() + _JOB_START_MARGIN.to_seconds()),
        "ResultSelector": {"JobRunId.$": "$.Id"},
        "ResultPath": f"$.{layer}",
        "Retry": job_retries(),
    }
    actions = ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
    return Step(naming.job_step(layer), state, Permission(actions, (glue_arn(Stack.of(jobs), "job", job),)))


def in_order(*steps: Step, then: str) -> dict[str, State]:
    """Return the states of consecutive steps. The last one is followed by the state ``then``."""
    following = (*(step.name for step in steps[1:]), then)
    return {step.name: {**step.state, "Next": after} for step, after in zip(steps, following, strict=True)}


def _integration(scope: Construct, name: str) -> str:
    return f"arn:{Stack.of(scope).partition}:states:::{name}"

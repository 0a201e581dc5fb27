"""What a step is to a state machine: a task state, and what the state machine must be allowed for it."""

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
"""The function's own time-out is to end it: the state machine waits a little longer."""

_JOB_START_MARGIN = Duration.minutes(15)
"""What a job run may wait for capacity before its own time-out starts to count."""


@dataclass(frozen=True)
class Step:
    """A step whose function or job is part of the stack.

    Parameters
    ----------
    name
        Name of the state.
    state
        The state, less what follows it.
    calls
        What the state machine's role must be allowed.
    """

    name: str
    state: State
    calls: Permission


@dataclass(frozen=True)
class FunctionTask:
    """How a function is called.

    Parameters
    ----------
    result
        Where in the state data its answer goes.
    answer
        What it answers.
    payload
        What it is given besides the execution.
    retries
        Retriers of the task; ``None`` for those that all functions have.
    """

    result: str
    answer: type[DataclassInstance]
    payload: Mapping[str, str]
    retries: Sequence[dict[str, Any]] | None = None


def function_step(name: str, function: PipelineFunction, task: FunctionTask) -> Step:
    """Return the step that calls a function with the execution and more, and takes its answer field by field.

    An answer that lacks a field fails the state.
    """
    limit = function.settings.timeout.to_seconds() + _FUNCTION_MARGIN.to_seconds()
    state = {
        "Type": "Task",
        "Resource": _integration(function, "lambda:invoke"),
        "Parameters": {
            "FunctionName": function.function.function_arn,
            # Whole: Step Functions leaves RedriveTime out of a first attempt, and a path to it would fail there.
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
        # Glue ends a job run by the job's own time-out; this ends one that never comes to run.
        "TimeoutSeconds": int(limit.to_seconds() + _JOB_START_MARGIN.to_seconds()),
        "ResultSelector": {"JobRunId.$": "$.Id"},
        "ResultPath": f"$.{layer}",
        "Retry": job_retries(),
    }
    actions = ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
    return Step(naming.job_step(layer), state, Permission(actions, (glue_arn(Stack.of(jobs), "job", job),)))


def in_order(*steps: Step, then: str) -> dict[str, State]:
    """Return the states of steps that follow each other, the last one followed by the state ``then``."""
    following = (*(step.name for step in steps[1:]), then)
    return {step.name: {**step.state, "Next": after} for step, after in zip(steps, following, strict=True)}


def _integration(scope: Construct, name: str) -> str:
    return f"arn:{Stack.of(scope).partition}:states:::{name}"

"""A step of a state machine: its states, and the permissions that the state machine's role needs for them.

A step may have further states, with which it waits or repeats. Their names begin with the step's:
``CrawlBronze (wait)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Stack
from constructs import Construct

from stacks.access.permissions import Permission
from stacks.constructs.function import PipelineFunction
from stacks.steps.retries import function_retries

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

State = dict[str, Any]

SUCCEED: State = {"Type": "Succeed"}

_FUNCTION_MARGIN = Duration.seconds(30)
"""The state machine waits a little longer than the function's own time-out, which should apply first."""


@dataclass(frozen=True)
class Step:
    """A step whose function or job is part of the stack.

    Parameters
    ----------
    name
        Name of the step and of its first state.
    states
        Given the name of the state that follows the step: the states by name.
    calls
        Permissions of the state machine's role.
    """

    name: str
    states: Callable[[str], dict[str, State]]
    calls: Sequence[Permission]


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
    """

    result: str
    answer: type[DataclassInstance]
    payload: Mapping[str, str]


def function_step(name: str, function: PipelineFunction, task: FunctionTask) -> Step:
    """Return the step that invokes a function."""
    state = function_task(function, task)
    return Step(name, lambda then: {name: {**state, "Next": then}}, [may_invoke(function)])


def may_invoke(function: PipelineFunction) -> Permission:
    """Allow invoking a function."""
    return Permission(("lambda:InvokeFunction",), (function.function.function_arn,))


def function_task(function: PipelineFunction, task: FunctionTask) -> State:
    """Return the state that invokes a function with the execution and a payload, and selects each field of its result.

    A result that lacks a field fails the state.
    """
    limit = function.settings.timeout.to_seconds() + _FUNCTION_MARGIN.to_seconds()
    return {
        "Type": "Task",
        "Resource": integration(function, "lambda:invoke"),
        "Parameters": {
            "FunctionName": function.function.function_arn,
            # The whole object: RedriveTime is missing in a first attempt, so that a path to it would fail.
            "Payload": {**task.payload, "execution.$": "$$.Execution"},
        },
        "TimeoutSeconds": int(limit),
        "ResultSelector": {f"{field.name}.$": f"$.Payload.{field.name}" for field in fields(task.answer)},
        "ResultPath": f"$.{task.result}",
        "Retry": function_retries(),
    }


def in_order(*steps: Step, then: str) -> dict[str, State]:
    """Return the states of consecutive steps. The last one is followed by the state ``then``."""
    following = (*(step.name for step in steps[1:]), then)
    return {
        name: state for step, after in zip(steps, following, strict=True) for name, state in step.states(after).items()
    }


def integration(scope: Construct, name: str) -> str:
    """Return the ``Resource`` of a task: a service integration of Step Functions."""
    return f"arn:{Stack.of(scope).partition}:states:::{name}"

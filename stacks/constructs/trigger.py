"""The trigger: a function that starts a run. People and the schedule invoke it."""

from __future__ import annotations

from aws_cdk import Duration, Stack

from stacks.access.execution_access import state_machine_arn
from stacks.access.permissions import Permission
from stacks.constructs.function import FunctionSettings, PipelineFunction, source_variables
from stacks.constructs.functions import Functions

_LIMIT = Duration.seconds(30)


def add_trigger(functions: Functions) -> PipelineFunction:
    """Add the function."""
    deployment = functions.deployment
    machine = state_machine_arn(deployment, Stack.of(functions))
    return functions.add(
        FunctionSettings(
            name="Trigger",
            purpose=f"{deployment.dataset.dataset}: start a run",
            environment={**source_variables(deployment), "STATE_MACHINE_ARN": machine},
            permissions=[Permission(("states:StartExecution",), (machine,))],
            timeout=_LIMIT,
            memory_megabytes=256,
            # The schedule invokes it asynchronously.
            asynchronous=True,
        )
    )

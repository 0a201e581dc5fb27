"""The trigger: start a run."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import naming
from stacks import time_limits
from stacks.constructs.context import Pipeline
from stacks.constructs.function import FunctionSettings
from stacks.constructs.lake_access import lake_key
from stacks.constructs.permissions import Permission
from stacks.functions.common import dead_letters, source_variables, state_machine_arn
from stacks.packaging import TRIGGER


def settings(pipeline: Pipeline, stack: Stack) -> FunctionSettings:
    """Return what tells this function from the others."""
    shared, dataset = pipeline.shared, pipeline.dataset.dataset
    machine = state_machine_arn(pipeline, stack)
    return FunctionSettings(
        name=naming.trigger_function(dataset),
        purpose=f"{dataset}: start a run",
        package=TRIGGER,
        environment={**source_variables(pipeline), "STATE_MACHINE_ARN": machine},
        permissions=[
            Permission(("states:StartExecution",), (machine,)),
            lake_key(shared),
            dead_letters(pipeline),
        ],
        timeout=time_limits.TRIGGER,
        memory_megabytes=256,
        # The schedule invokes it asynchronously: an event that fails for good is kept.
        dead_letters=shared.dead_letters,
    )

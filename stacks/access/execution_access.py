"""Permissions on the pipeline's state machine. ARNs are built from names, to avoid a circular reference."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack

from _shared.contracts import naming
from stacks.access.permissions import Permission
from stacks.constructs.deployment import Deployment


def state_machine_arn(deployment: Deployment, stack: Stack) -> str:
    """Return the ARN of the pipeline's state machine."""
    return _states_arn(stack, "stateMachine", _state_machine(deployment))


def executions(deployment: Deployment, stack: Stack, *actions: str) -> Permission:
    """Allow actions on executions of the pipeline's state machine."""
    name = f"{_state_machine(deployment)}:*"
    return Permission(
        actions,
        (_states_arn(stack, "execution", name),),
        "Executions of the pipeline's own state machine; each has a new name.",
    )


def _state_machine(deployment: Deployment) -> str:
    return naming.state_machine(deployment.environment.name, deployment.dataset.dataset)


def _states_arn(stack: Stack, kind: str, name: str) -> str:
    return stack.format_arn(
        service="states", resource=kind, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )

"""Roles that have only explicit permissions, with a reason for every wildcard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct


@dataclass(frozen=True)
class Permission:
    """One allow statement.

    Parameters
    ----------
    actions
        IAM actions, without wildcards.
    resources
        ARNs.
    why
        Reason for a resource that ends in ``*``; required if there is one.
    conditions
        IAM conditions.
    """

    actions: Sequence[str]
    resources: Sequence[str]
    why: str = ""
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def service_role(scope: Construct, service: str, purpose: str, permissions: Sequence[Permission]) -> iam.IRole:
    """Create a role for one AWS service with exactly these permissions.

    The returned role ignores grants, because the permissions that CDK constructs grant are too wide.
    """
    role = iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal(service),
        description=purpose,
        inline_policies={
            "least-privilege": iam.PolicyDocument(statements=[_statement(permission) for permission in permissions])
        },
    )
    for permission in permissions:
        _acknowledge_wildcards(role, permission)
    return role.without_policy_updates()


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Record in the resource's metadata why a cdk-nag rule does not apply to it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def _statement(permission: Permission) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=list(permission.actions),
        resources=list(permission.resources),
        conditions=dict(permission.conditions) or None,
    )


def _acknowledge_wildcards(role: iam.Role, permission: Permission) -> None:
    for resource in permission.resources:
        text = _readable(Stack.of(role).resolve(resource))
        if "*" not in text:
            continue
        if not permission.why:
            msg = f"{role.node.path}: {text} has a wildcard without a reason"
            raise ValueError(msg)
        acknowledge(role, f"AwsSolutions-IAM5[Resource::{text}]", permission.why)


def _readable(resolved: object) -> str:
    """Format an ARN with intrinsic functions as cdk-nag does: ``arn:<AWS::Partition>:s3:::…``."""
    match resolved:
        case str():
            return resolved
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_readable(part) for part in parts)
        case {"Fn::Sub": str(template)}:
            return template
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case _:
            msg = f"no reading for {resolved!r}"
            raise ValueError(msg)

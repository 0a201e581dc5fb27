"""Roles that have only explicit permissions, with a reason for every wildcard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
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


def service_role(
    scope: Construct, service: str, purpose: str, permissions: Sequence[Permission], *, source: str | None = None
) -> iam.IRole:
    """Create a role for one AWS service with exactly these permissions.

    The returned role ignores grants, because the permissions that CDK constructs grant are too wide.

    Parameters
    ----------
    source
        ARN of the resource for which the service may assume the role. ``None`` for Lambda and Glue, which AWS does not
        document to name one: see decision 0019.
    """
    conditions = {"aws:SourceAccount": Stack.of(scope).account, "aws:SourceArn": source}
    principal = iam.ServicePrincipal(service, conditions={"StringEquals": conditions} if source else None)
    return role_of(scope, principal, purpose, permissions)


def role_of(
    scope: Construct,
    principal: iam.IPrincipal,
    purpose: str,
    permissions: Sequence[Permission],
    *,
    name: str | None = None,
) -> iam.IRole:
    """Create a role with exactly these permissions; without a name, CloudFormation gives it one."""
    role = iam.Role(
        scope,
        "Role",
        role_name=name,
        assumed_by=principal,
        description=purpose,
        inline_policies={
            "least-privilege": iam.PolicyDocument(statements=[_statement(permission) for permission in permissions])
        },
    )
    acknowledge(role, "HIPAA.Security-IAMNoInlinePolicy", "The policy is this role's alone, and ends with the role.")
    for permission in permissions:
        _acknowledge_wildcards(role, permission)
    return role.without_policy_updates()


CHECKOV_RULES = {
    "HIPAA.Security-LambdaConcurrency": "CKV_AWS_115",
    "HIPAA.Security-LambdaDLQ": "CKV_AWS_116",
    "HIPAA.Security-LambdaInsideVPC": "CKV_AWS_117",
}
"""Checkov's name for a rule of cdk-nag; it reads its exceptions in the template."""


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Record in the resource's metadata why a rule of cdk-nag or Checkov does not apply to it.

    Where Checkov has the same rule as cdk-nag, both are told.
    """
    only_checkov = rule.startswith("CKV_")
    of_checkov = rule if only_checkov else CHECKOV_RULES.get(rule)
    if not only_checkov:
        Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
    resource = construct.node.default_child
    if of_checkov and isinstance(resource, CfnResource):
        skipped = (resource.get_metadata("checkov") or {"skip": []})["skip"]
        resource.add_metadata("checkov", {"skip": [*skipped, {"id": of_checkov, "comment": reason}]})


def acknowledge_policies(scope: IConstruct, reason: str) -> None:
    """Give one reason for every wildcard in the policies that the CDK's own constructs have made below a construct."""
    for child in scope.node.find_all():
        if isinstance(child, iam.CfnPolicy):
            document = Stack.of(child).resolve(child.policy_document)
            for statement in document["Statement"]:
                _acknowledge_statement(child, statement, reason)


def _acknowledge_statement(policy: IConstruct, statement: Mapping[str, Any], reason: str) -> None:
    for kind, given in (("Action", statement["Action"]), ("Resource", statement["Resource"])):
        for one in given if isinstance(given, list) else [given]:
            text = _readable(one)
            if "*" in text:
                acknowledge(policy, f"AwsSolutions-IAM5[{kind}::{text}]", reason)


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

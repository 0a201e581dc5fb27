"""What the deployed roles of a pipeline may do, taken away a piece at a time and given back."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

Statement = dict[str, Any]


@dataclass(frozen=True)
class Grant:
    """One statement of a role's policy, or some of its actions.

    Parameters
    ----------
    holder
        Function, job, crawler, state machine or schedule that has the role.
    role, policy, statement
        Where the statement is: names of role and inline policy, and its index.
    actions
        Those of its actions that are meant.
    resources
        What the statement is about.
    """

    holder: str
    role: str
    policy: str
    statement: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def __str__(self) -> str:
        names = [arn.split(":", 5)[-1] for arn in self.resources]
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        return f"{self.holder}: {', '.join(self.actions)} on {names[0]}{more}"

    def only(self, *actions: str) -> Grant:
        """Return the same for some of its actions."""
        return replace(self, actions=actions)

    def split(self) -> list[Grant]:
        """Return one grant for each action."""
        return [self.only(action) for action in self.actions]


class Policies:
    """The inline policies of some roles."""

    def __init__(self, iam: Any, roles: dict[str, str]) -> None:
        """Read the policies; ``roles`` are ARNs by holder."""
        self._iam = iam
        self._documents: dict[tuple[str, str], dict[str, Any]] = {}
        self._missing: list[Grant] = []
        self.grants: list[Grant] = []
        for holder, arn in roles.items():
            role = arn.rsplit("/", 1)[-1]
            assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                self._documents[role, policy] = document
                self.grants += [
                    Grant(holder, role, policy, index, texts(statement["Action"]), texts(statement["Resource"]))
                    for index, statement in enumerate(document["Statement"])
                ]

    @contextmanager
    def without(self, *grants: Grant) -> Iterator[None]:
        """Take grants away for a while, beside those that are missing already."""
        before = list(self._missing)
        self._missing += grants
        self._put({(grant.role, grant.policy) for grant in grants})
        try:
            yield
        finally:
            self._missing = before
            self._put({(grant.role, grant.policy) for grant in grants})

    def _put(self, policies: set[tuple[str, str]]) -> None:
        for role, policy in policies:
            document = copy.deepcopy(self._documents[role, policy])
            gone = [grant for grant in self._missing if (grant.role, grant.policy) == (role, policy)]
            document["Statement"] = [
                left
                for index, statement in enumerate(document["Statement"])
                if (left := _reduced(statement, [grant for grant in gone if grant.statement == index]))
            ]
            if document["Statement"]:
                self._iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
            else:
                self._iam.delete_role_policy(RoleName=role, PolicyName=policy)


def _reduced(statement: Statement, gone: Sequence[Grant]) -> Statement | None:
    taken = {action for grant in gone for action in grant.actions}
    left = [action for action in texts(statement["Action"]) if action not in taken]
    return {**statement, "Action": left} if left else None


def texts(value: str | list[str]) -> tuple[str, ...]:
    """Read a member of a policy that may be one text or several."""
    return (value,) if isinstance(value, str) else tuple(value)


def role_holders(cloud: Any, dataset: str) -> dict[str, str]:
    """Return the role ARNs of everything of a pipeline that has a role."""
    functions, glue = cloud.client("lambda"), cloud.client("glue")
    roles = {
        function["FunctionName"]: function["Role"]
        for page in functions.get_paginator("list_functions").paginate()
        for function in page["Functions"]
        if function["FunctionName"].startswith(f"{dataset}-")
    }
    roles |= {job["Name"]: job["Role"] for job in glue.get_jobs()["Jobs"] if job["Name"].startswith(f"{dataset}-")}
    crawler = glue.get_crawler(Name=f"{dataset}-bronze-crawler")["Crawler"]
    machine = cloud.client("stepfunctions").describe_state_machine(
        stateMachineArn=f"arn:aws:states:us-east-1:000000000000:stateMachine:{dataset}-orchestrator"
    )
    schedule = cloud.client("scheduler").get_schedule(Name=f"{dataset}-schedule")
    return {
        **roles,
        crawler["Name"]: crawler["Role"],
        machine["name"]: machine["roleArn"],
        schedule["Name"]: schedule["Target"]["RoleArn"],
    }

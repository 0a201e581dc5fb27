"""Roles, buckets and jobs for the tests of the local cloud, made with plain AWS calls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.conftest import CloudUnderTest

ROLE_ARN = "arn:aws:iam::000000000000:role/"


def allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def make_role(cloud: CloudUnderTest, name: str, service: str, *statements: dict[str, Any]) -> str:
    """A role that a service may assume, with one inline policy; return its ARN."""
    iam = cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
    return ROLE_ARN + name


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_state_machine(cloud: CloudUnderTest, name: str, role: str, definition: dict[str, Any]) -> str:
    machine = cloud.client("stepfunctions").create_state_machine(
        name=name, roleArn=role, definition=json.dumps(definition)
    )
    return str(machine["stateMachineArn"])


def one_task(resource: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "StartAt": "Task",
        "States": {"Task": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}},
    }


def execute(cloud: CloudUnderTest, machine: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run a state machine to its end."""
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]
    return wait_for(lambda: client.describe_execution(executionArn=arn), lambda told: told["status"] != "RUNNING")


def wait_for(read: Callable[[], dict[str, Any]], reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while not reached(told := read()):
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    return told

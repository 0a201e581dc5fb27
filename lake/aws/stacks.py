"""CloudFormation stacks, and the bucket of their assets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from lake.aws.connection import Connection, error_code
from lake.errors import AwsRequestError

BOOTSTRAP_QUALIFIER = "hnb659fds"
"""Default qualifier of ``cdk bootstrap``."""

BOOTSTRAP_STACK = "CDKToolkit"
"""The stack that ``cdk bootstrap`` creates."""


@dataclass(frozen=True)
class Stack:
    """A stack. ``status`` is ``None`` if it is not deployed."""

    name: str
    status: str | None = None
    updated_at: datetime | None = None


def describe(connection: Connection, name: str) -> Stack:
    """Return the state of a stack."""
    try:
        answer = connection.cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error_code(error) == "ValidationError":
            return Stack(name)
        raise
    if not answer:
        return Stack(name)
    return Stack(name, answer[0]["StackStatus"], answer[0].get("LastUpdatedTime", answer[0]["CreationTime"]))


def assets_bucket(connection: Connection) -> str:
    """Return the name of the CDK's bucket for assets."""
    return f"cdk-{BOOTSTRAP_QUALIFIER}-assets-{connection.account}-{connection.region}"


def ensure_assets_bucket(connection: Connection) -> bool:
    """Create the bucket for assets if it is missing; return whether it was created.

    For the local cloud only: there, assets are published with the caller's keys, and nothing else of ``cdk bootstrap``
    is needed.
    """
    bucket = assets_bucket(connection)
    try:
        connection.s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error_code(error) not in {"404", "NoSuchBucket"}:
            msg = f"the bucket {bucket} cannot be read: {error_code(error)}"
            raise AwsRequestError(msg) from error
    else:
        return False
    connection.s3.create_bucket(Bucket=bucket)
    return True

"""CloudFormation stacks, and the bucket that their assets go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from lake.aws.connection import Connection, error_code
from lake.errors import AwsRequestError

BOOTSTRAP_QUALIFIER = "hnb659fds"
"""Qualifier of ``cdk bootstrap`` where none is chosen."""

BOOTSTRAP_STACK = "CDKToolkit"
"""The stack that ``cdk bootstrap`` makes."""


@dataclass(frozen=True)
class Stack:
    """A stack; ``status`` is ``None`` where it is not deployed."""

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
    """Return the name of the bucket that the CDK puts assets into."""
    return f"cdk-{BOOTSTRAP_QUALIFIER}-assets-{connection.account}-{connection.region}"


def ensure_assets_bucket(connection: Connection) -> bool:
    """Make the bucket for assets where it is missing; tell whether it was made.

    Meant for the local cloud, where assets are published with the caller's own keys and nothing else
    of ``cdk bootstrap`` is needed.
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

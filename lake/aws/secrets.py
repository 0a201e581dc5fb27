"""Secrets of the target's account."""

from __future__ import annotations

from typing import Protocol

from botocore.exceptions import ClientError

from lake.aws.connection import Connection, error_code

_UNKNOWN = "ResourceNotFoundException"


class SecretsClient(Protocol):
    """As much of boto3's client as is used here."""

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> object:  # noqa: N803 - boto3's own names
        """Give a secret that is there a value."""

    def create_secret(self, *, Name: str, SecretString: str) -> object:  # noqa: N803 - boto3's own names
        """Make a secret."""


def put(connection: Connection, name: str, value: str) -> None:
    """Give a secret a value; it is made where there is none of that name."""
    client = connection.secretsmanager
    try:
        client.put_secret_value(SecretId=name, SecretString=value)
    except ClientError as error:
        if error_code(error) != _UNKNOWN:
            raise
        client.create_secret(Name=name, SecretString=value)

"""Secrets in the target's Secrets Manager."""

from __future__ import annotations

from botocore.exceptions import ClientError

from lake.aws.connection import Connection, error_code

_UNKNOWN = "ResourceNotFoundException"


def put(connection: Connection, name: str, value: str) -> None:
    """Set the value of a secret. The secret is created if it does not exist."""
    client = connection.secretsmanager
    try:
        client.put_secret_value(SecretId=name, SecretString=value)
    except ClientError as error:
        if error_code(error) != _UNKNOWN:
            raise
        client.create_secret(Name=name, SecretString=value)

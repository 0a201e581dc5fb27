"""Adapter to Secrets Manager, for the keys of licensed sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError

from _shared.contracts.errors import SourceKeyBusyError, SourceKeyRejectedError
from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws.service_errors import DENIED, code_of, named_errors

_UNKNOWN = "ResourceNotFoundException"
_REMEDY_IF_DENIED = "make the secret in this account and region, encrypted with aws/secretsmanager, and deploy again"
_REMEDY = "put the key into it as plain text, or take the dataset out of source_secrets of the environment"
_KEY = re.compile(r"[!-~]{1,256}")


class SecretsClient(Protocol):
    """The used part of boto3's client."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's own name
        """Return the current value of a secret."""


class SourceKeys:
    """Keys stored as secrets of the account.

    Parameters
    ----------
    client
        A Secrets Manager client.
    """

    def __init__(self, client: SecretsClient) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> SourceKeys:
        """Create the adapter with the function's role."""
        return cls(boto3.client("secretsmanager", config=CLIENT_CONFIG))

    def read(self, name: str) -> str:
        """Return the current key. Each run reads it, so that a new key needs no deployment.

        Raises
        ------
        SourceKeyBusyError
            Secrets Manager throttled, failed or could not be reached.
        SourceKeyRejectedError
            The secret does not exist, the function may not read it, or its value is not a key.
        """
        where = f"secret {name!r}"
        with named_errors("secretsmanager:GetSecretValue", where, SourceKeyBusyError, SourceKeyRejectedError):
            try:
                text = str(self._client.get_secret_value(SecretId=name).get("SecretString", "")).strip()
            except ClientError as error:
                if code_of(error) == _UNKNOWN:
                    msg = f"{where} is not there, or has no value"
                    raise SourceKeyRejectedError(msg, _REMEDY) from error
                if code_of(error) in DENIED:
                    # A role with access to a single secret gets the same error for a missing and a forbidden one.
                    msg = f"{where} is not there, or the function may not read it"
                    raise SourceKeyRejectedError(msg, _REMEDY_IF_DENIED) from error
                raise
        if not _KEY.fullmatch(text):
            msg = f"{where}: expected the key itself, 1 to 256 printable characters without spaces"
            raise SourceKeyRejectedError(msg, _REMEDY)
        return text


def read_key(name: str) -> str:
    """Read a key with the function's role; see :meth:`SourceKeys.read`."""
    return SourceKeys.connect().read(name)

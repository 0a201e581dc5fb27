"""Keys of licensed sources: the one adapter to Secrets Manager."""

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
    """As much of boto3's client as is used here."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's own name
        """Return a secret's current value."""


class SourceKeys:
    """Secrets of the account.

    Parameters
    ----------
    client
        A Secrets Manager client.
    """

    def __init__(self, client: SecretsClient) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> SourceKeys:
        """Open Secrets Manager with the function's own role."""
        return cls(boto3.client("secretsmanager", config=CLIENT_CONFIG))

    def read(self, name: str) -> str:
        """Return a key as it is now: read for each run, so that a new one needs no deployment.

        Raises
        ------
        SourceKeyBusyError
            Secrets Manager throttled, failed or could not be reached.
        SourceKeyRejectedError
            There is no such secret, the function may not read it, or it is no key.
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
                    # Who may read one secret alone is not told whether it is there.
                    msg = f"{where} is not there, or the function may not read it"
                    raise SourceKeyRejectedError(msg, _REMEDY_IF_DENIED) from error
                raise
        if not _KEY.fullmatch(text):
            msg = f"{where}: expected the key itself, 1 to 256 printable characters without spaces"
            raise SourceKeyRejectedError(msg, _REMEDY)
        return text


def read_key(name: str) -> str:
    """Read a key with the function's own role; see :meth:`SourceKeys.read`."""
    return SourceKeys.connect().read(name)

"""The lake bucket on S3, and the key for hashes: the only module of the jobs that uses boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from _shared.contracts.errors import ObjectMissingError, PersonalKeyMissingError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_RETRIES = Config(retries={"mode": "standard", "max_attempts": 6})
_MISSING = frozenset({"NoSuchKey", "404"})
_EMPTY_OBJECT = "InvalidRange"


class S3Lake:
    """A :class:`~_shared.glue_lib.lake.Lake` in one S3 bucket.

    Parameters
    ----------
    bucket
        Name of the lake bucket.
    client
        S3 client; by default created from the environment.
    personal_key_secret
        Name of the Secrets Manager secret with the key for hashes of personal data; empty if there is none.
    """

    def __init__(self, bucket: str, client: S3Client | None = None, personal_key_secret: str = "") -> None:
        self._bucket = bucket
        self._personal_key_secret = personal_key_secret
        self._client = client or boto3.client("s3", config=_RETRIES)

    def personal_key(self) -> bytes:
        """Read the key for hashes of personal data.

        Raises
        ------
        PersonalKeyMissingError
            There is no secret, or it has no value.
        """
        name = self._personal_key_secret
        remedy = "name the secret in personal_key_secret of config/<environment>.json, and give it a value"
        if not name:
            msg = "a column is to be hashed, and the job has no key: its argument --personal_key_secret is missing"
            raise PersonalKeyMissingError(msg, remedy)
        try:
            found = boto3.client("secretsmanager", config=_RETRIES).get_secret_value(SecretId=name)
        except ClientError as error:
            msg = f"a column is to be hashed, and the secret {name} could not be read: {error}"
            raise PersonalKeyMissingError(msg, remedy) from error
        key = found.get("SecretString", "")
        if not key:
            msg = f"a column is to be hashed, and the secret {name} is empty"
            raise PersonalKeyMissingError(msg, remedy)
        return key.encode()

    def uri(self, key: str) -> str:
        """Address of a key or prefix for Spark."""
        return f"s3://{self._bucket}/{key}"

    def read_text(self, key: str) -> str:
        """Read an object as UTF-8 text."""
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            raise self._named(error, key) from error
        return response["Body"].read().decode("utf-8")

    def read_head(self, key: str, length: int) -> bytes:
        """Read the first ``length`` bytes of an object with a range request."""
        return self._read_range(key, f"bytes=0-{length - 1}")

    def read_tail(self, key: str, length: int) -> bytes:
        """Read the last ``length`` bytes of an object with a range request."""
        return self._read_range(key, f"bytes=-{length}")

    def _read_range(self, key: str, span: str) -> bytes:
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=key, Range=span)
        except ClientError as error:
            if _code(error) == _EMPTY_OBJECT:
                return b""
            raise self._named(error, key) from error
        return response["Body"].read()

    def write_text(self, key: str, text: str, content_type: str = "application/json") -> None:
        """Write an object as UTF-8 text; an existing one is replaced."""
        kind = f"{content_type}; charset=utf-8"
        self._client.put_object(Bucket=self._bucket, Key=key, Body=text.encode("utf-8"), ContentType=kind)

    def write_bytes(self, key: str, content: bytes) -> None:
        """Write an object; an existing one is replaced."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def _named(self, error: ClientError, key: str) -> Exception:
        if _code(error) not in _MISSING:
            return error
        what = f"{self.uri(key)} does not exist"
        return ObjectMissingError(what, "run the step that writes it first: it ended early or for another run")


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")

"""Adapter to S3 for the lake bucket.

The bucket's default encryption applies, so requests contain no encryption key. Every write has a checksum, which S3
verifies.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from _shared.contracts.errors import StorageRejectedError, StorageThrottledError
from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws.service_errors import DENIED, code_of, named_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_CONDITION_FAILED = frozenset({"PreconditionFailed", "412"})
_RACE = frozenset({"ConditionalRequestConflict", "OperationAborted", "409"})
_ABSENT = frozenset({"NoSuchKey", "NotFound", "404"})
_RACE_ATTEMPTS = 5
_RACE_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class StoredObject:
    """Content and ETag of a small object."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class ObjectInfo:
    """Size in bytes, ETag, and time of the last write: timezone-aware, in whole seconds."""

    size: int
    etag: str
    modified: datetime


def checksum(body: bytes) -> str:
    """Return the SHA-256 of a body in base64, as S3 requires it."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


class LakeStorage:
    """Objects of one bucket.

    Parameters
    ----------
    client
        An S3 client.
    bucket
        Name of the bucket.
    sleep
        Function that waits a number of seconds between attempts.
    """

    def __init__(self, client: S3Client, bucket: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep
        self.bucket = bucket

    @classmethod
    def connect(cls, bucket: str) -> LakeStorage:
        """Create the adapter with the function's role."""
        return cls(boto3.client("s3", config=CLIENT_CONFIG), bucket)

    def address(self, key: str) -> str:
        """Return the ``s3://`` address of a key."""
        return f"s3://{self.bucket}/{key}"

    def get(self, key: str) -> StoredObject | None:
        """Read a small object; ``None`` if it does not exist."""
        with self._errors("GetObject", key):
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=key)
                return StoredObject(answer["Body"].read(), answer["ETag"])
            except ClientError as error:
                if self._is_absent(error, key):
                    return None
                raise

    def head(self, key: str) -> ObjectInfo | None:
        """Read the metadata of an object; ``None`` if it does not exist."""
        with self._errors("GetObject", key):
            try:
                answer = self._client.head_object(Bucket=self.bucket, Key=key)
                return ObjectInfo(answer["ContentLength"], answer["ETag"], answer["LastModified"])
            except ClientError as error:
                if self._is_absent(error, key):
                    return None
                raise

    def put(self, key: str, body: bytes) -> str:
        """Write an object unconditionally; return its ETag."""
        with self._errors("PutObject", key):
            answer = self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ChecksumSHA256=checksum(body))
            return answer["ETag"]

    def put_json_if(self, key: str, text: str, etag: str | None) -> str | None:
        """Write a JSON document if it has not changed since it was read (compare-and-swap).

        Parameters
        ----------
        etag
            Expected ETag of the object; ``None`` if the object must not exist.

        Returns
        -------
        str | None
            The new ETag; ``None`` if the condition failed and nothing was written.

        Raises
        ------
        StorageThrottledError
            S3 could not evaluate the condition because of concurrent writes.
        """
        body = text.encode()

        def write() -> str:
            if etag is None:
                return self._client.put_object(
                    Bucket=self.bucket, Key=key, Body=body, ChecksumSHA256=checksum(body), IfNoneMatch="*"
                )["ETag"]
            return self._client.put_object(
                Bucket=self.bucket, Key=key, Body=body, ChecksumSHA256=checksum(body), IfMatch=etag
            )["ETag"]

        return self._conditionally("PutObject", key, write)

    def delete_if(self, key: str, etag: str) -> bool:
        """Delete an object if it has this ETag; return whether it was deleted."""

        def delete() -> str:
            self._client.delete_object(Bucket=self.bucket, Key=key, IfMatch=etag)
            return etag

        return self._conditionally("DeleteObject", key, delete) is not None

    def read_range(self, key: str, start: int, end: int, etag: str) -> bytes:
        """Read bytes ``start`` to ``end`` (exclusive) of an object with this ETag."""
        with self._errors("GetObject", key):
            answer = self._client.get_object(
                Bucket=self.bucket, Key=key, Range=f"bytes={start}-{end - 1}", IfMatch=etag
            )
            return answer["Body"].read()

    def stream(self, key: str, chunk_size: int = 1024 * 1024) -> Iterator[bytes]:
        """Read an object in chunks."""
        with self._errors("GetObject", key):
            yield from self._client.get_object(Bucket=self.bucket, Key=key)["Body"].iter_chunks(chunk_size)

    def start_upload(self, key: str) -> str:
        """Start a multipart upload and return its id."""
        with self._errors("PutObject", key):
            answer = self._client.create_multipart_upload(Bucket=self.bucket, Key=key, ChecksumAlgorithm="SHA256")
            return answer["UploadId"]

    def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> CompletedPartTypeDef:
        """Upload one part; S3 verifies its SHA-256."""
        digest = checksum(body)
        with self._errors("PutObject", key):
            answer = self._client.upload_part(
                Bucket=self.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body, ChecksumSHA256=digest
            )
            return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": digest}

    def complete_upload(self, key: str, upload_id: str, parts: list[CompletedPartTypeDef]) -> None:
        """Complete a multipart upload; this creates the object."""
        with self._errors("PutObject", key):
            self._client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Abort a multipart upload and delete its parts."""
        with self._errors("AbortMultipartUpload", key):
            self._client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)

    def _errors(self, action: str, key: str) -> AbstractContextManager[None]:
        """Translate errors; ``action`` is the permission that the request needs."""
        return named_errors(f"s3:{action}", self.address(key), StorageThrottledError, StorageRejectedError)

    def _conditionally(self, action: str, key: str, request: Callable[[], str]) -> str | None:
        for _ in range(_RACE_ATTEMPTS):
            with self._errors(action, key):
                try:
                    return request()
                except ClientError as error:
                    if code_of(error) in _CONDITION_FAILED | _ABSENT:
                        return None
                    if code_of(error) not in _RACE:
                        raise
            self._sleep(_RACE_PAUSE_SECONDS)
        msg = f"{action} {self.address(key)}: S3 could not decide the condition in {_RACE_ATTEMPTS} attempts"
        raise StorageThrottledError(msg)

    def _is_absent(self, error: ClientError, key: str) -> bool:
        """Whether an error means that the object does not exist.

        For a role that may list only some prefixes, S3 returns the same error for an absent and a forbidden key. A list
        request for the key shows which one it is.
        """
        if code_of(error) in DENIED:
            try:
                listing = self._client.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
            except ClientError:
                return False
            return all(entry["Key"] != key for entry in listing.get("Contents", []))
        return code_of(error) in _ABSENT

"""Write an object of any size through a buffer of one part."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import TYPE_CHECKING, Self

from _shared.contracts.errors import MedallionError
from _shared.lambdas.libs.s3_io import LakeStorage

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_SIZE = 8 * 1024 * 1024
"""Bytes of a part: above S3's minimum of 5 MiB, and 10,000 of them reach 78 GiB."""


class MultipartWriter:
    """An object being written: it appears on a clean exit from the ``with`` block, whole, or not at all.

    What fits into one part is one PutObject. An exception, :meth:`abort` or :meth:`restart` leaves
    nothing behind.

    Parameters
    ----------
    storage, key
        Where to write.
    part_size
        Bytes of a part, at least 5 MiB on AWS.
    """

    def __init__(self, storage: LakeStorage, key: str, part_size: int = PART_SIZE) -> None:
        self._storage = storage
        self._key = key
        self._part_size = part_size
        self._buffer = bytearray()
        self._parts: list[CompletedPartTypeDef] = []
        self._upload_id: str | None = None
        self._aborted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._aborted:
            self._complete()
        elif kind is not None:
            # The first error is the one to report; S3's lifecycle rule clears what stays behind.
            with contextlib.suppress(MedallionError):
                self.abort()

    def write(self, data: bytes) -> None:
        """Take the next bytes; send them when a part is full."""
        view = memoryview(data)
        while view:
            room = self._part_size - len(self._buffer)
            self._buffer += view[:room]
            view = view[room:]
            if len(self._buffer) == self._part_size and view:
                self._send_part()

    def restart(self) -> None:
        """Forget everything written so far and begin anew."""
        self.abort()
        self._aborted = False

    def abort(self) -> None:
        """Forget everything: no object is made."""
        self._aborted = True
        self._buffer.clear()
        self._parts.clear()
        if self._upload_id is not None:
            upload_id, self._upload_id = self._upload_id, None
            self._storage.abort_upload(self._key, upload_id)

    def _send_part(self) -> None:
        if self._upload_id is None:
            self._upload_id = self._storage.start_upload(self._key)
        number = len(self._parts) + 1
        self._parts.append(self._storage.upload_part(self._key, self._upload_id, number, bytes(self._buffer)))
        self._buffer.clear()

    def _complete(self) -> None:
        if self._upload_id is None:
            self._storage.put(self._key, bytes(self._buffer))
            return
        try:
            if self._buffer:
                self._send_part()
            self._storage.complete_upload(self._key, self._upload_id, self._parts)
        except MedallionError:
            with contextlib.suppress(MedallionError):
                self.abort()
            raise
        self._upload_id = None

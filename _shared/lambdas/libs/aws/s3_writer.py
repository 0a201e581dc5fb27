"""Write an S3 object of any size with buffers of two parts: one fills while the other is uploaded."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

from _shared.contracts.errors import MedallionError
from _shared.lambdas.libs.s3_io import LakeStorage

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_SIZE = 8 * 1024 * 1024
"""Part size: above S3's minimum of 5 MiB; with the maximum of 10,000 parts it allows 78 GiB."""


class MultipartWriter:
    """Writer of one object. The complete object appears on a clean exit from the ``with`` block.

    An object that fits into one part is written with one PutObject. After an exception, :meth:`abort` or
    :meth:`restart`, no object and no multipart upload remain.

    Parameters
    ----------
    storage, key
        Destination.
    part_size
        Size of a part, at least 5 MiB on AWS.
    """

    def __init__(self, storage: LakeStorage, key: str, part_size: int = PART_SIZE) -> None:
        self._storage = storage
        self._key = key
        self._part_size = part_size
        self._buffer = bytearray()
        self._parts: list[CompletedPartTypeDef] = []
        self._upload_id: str | None = None
        self._aborted = False
        self._uploader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="upload")
        self._sent: Future[CompletedPartTypeDef] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._uploader:
            if kind is None and not self._aborted:
                self._complete()
            elif kind is not None:
                # Report the first error. If the abort fails, S3's lifecycle rule deletes the upload.
                with contextlib.suppress(MedallionError):
                    self.abort()

    def write(self, data: bytes) -> None:
        """Append bytes. A full buffer is uploaded in the background; its error is raised with the next full one."""
        view = memoryview(data)
        while view:
            room = self._part_size - len(self._buffer)
            self._buffer += view[:room]
            view = view[room:]
            if len(self._buffer) == self._part_size and view:
                self._send_part()

    def restart(self) -> None:
        """Discard everything written so far and start again."""
        self.abort()
        self._aborted = False

    def abort(self) -> None:
        """Discard everything; no object is created."""
        self._aborted = True
        self._buffer.clear()
        if self._sent is not None:
            self._sent.exception()  # the part must not arrive after the abort, which would keep it
        self._sent = None
        self._parts.clear()
        if self._upload_id is not None:
            upload_id, self._upload_id = self._upload_id, None
            self._storage.abort_upload(self._key, upload_id)

    def _send_part(self) -> None:
        if self._upload_id is None:
            self._upload_id = self._storage.start_upload(self._key)
        self._await_part()
        number, body = len(self._parts) + 1, bytes(self._buffer)
        self._buffer.clear()
        self._sent = self._uploader.submit(self._storage.upload_part, self._key, self._upload_id, number, body)

    def _await_part(self) -> None:
        if self._sent is not None:
            sent, self._sent = self._sent, None
            self._parts.append(sent.result())

    def _complete(self) -> None:
        if self._upload_id is None:
            self._storage.put(self._key, bytes(self._buffer))
            return
        try:
            if self._buffer:
                self._send_part()
            self._await_part()
            self._storage.complete_upload(self._key, self._upload_id, self._parts)
        except MedallionError:
            with contextlib.suppress(MedallionError):
                self.abort()
            raise
        self._upload_id = None

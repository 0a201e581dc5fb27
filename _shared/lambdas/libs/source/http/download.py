"""Download a source: with a conditional request, in chunks, and with resumption after a broken connection."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from http import HTTPStatus
from typing import NamedTuple

import requests
import urllib3

from _shared.contracts.errors import EmptySourceError, TruncatedDownloadError
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.source.files.content import SNIFFED_BYTES, check_encoding, check_packing, content_length
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.limits import Limits, too_slow
from _shared.lambdas.libs.source.http.validators import Validators

CHUNK_SIZE = 1024 * 1024

# Identity, because the hash and the ranges of resumed requests refer to the bytes of the file.
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "pp-raws-data-lake"}
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", re.ASCII)
# ValueError: raised by http.client and urllib3 for malformed numbers.
_BROKEN = (urllib3.exceptions.HTTPError, requests.RequestException, OSError, ValueError)


class Chunk(NamedTuple):
    """Bytes and their offset in the body. An ``offset`` of 0 after other chunks means that the download restarts."""

    offset: int
    data: bytes


class Download:
    """A response whose body is not read yet.

    Attributes
    ----------
    url
        Requested URL.
    not_modified
        Whether the source has the known state, so that the body need not be read.
    validators
        Validators sent by the server; after a restart those of the new response.
    """

    def __init__(
        self,
        client: SourceClient,
        url: str,
        response: requests.Response,
        known: SourceState | None,
        limits: Limits,
    ) -> None:
        self._client = client
        self._response = response
        self._limits = limits
        self.url = url
        self.validators = Validators.of(response.headers)
        self._length = content_length(response.headers)
        self.not_modified = response.status_code == HTTPStatus.NOT_MODIFIED or self._is(known)
        self._fault: str | None = None

    @property
    def length_declared(self) -> bool:
        """Whether the server declared the length of the body, so that completeness is checked."""
        return self._length is not None

    @property
    def seconds_left(self) -> float:
        """Remaining time of the download."""
        return self._limits.deadline.left

    def close(self) -> None:
        """Release the connection."""
        self._response.close()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the body, with one chunk in memory.

        Raises
        ------
        TruncatedDownloadError
            The body ended early on every attempt.
        SlowDownloadError
            The download exceeded its time limit.
        SourceTooLargeError
            The declared or received size exceeds the limit.
        UnexpectedContentError
            The content does not match the declared packing.
        EmptySourceError
            The body has zero bytes.
        """
        position = 0
        failures = 0
        while True:
            with closing(self._response), closing(self._pieces()) as pieces:
                self._limits.check_size(self.url, self._length or 0, "declares")
                for data in pieces:
                    self._limits.check_size(self.url, position + len(data), "has at least")
                    if position == 0:
                        check_packing(data, self._limits.packing, self.url)
                    yield Chunk(position, data)
                    position += len(data)
            if self._fault is None and (self._length is None or position >= self._length):
                break
            failures += 1
            known = "an unknown number of" if self._length is None else self._length
            how_far = f"{position} of {known} bytes"
            if not self.seconds_left:
                raise too_slow(self.url, self._limits.deadline, how_far)
            if failures >= self._client.policy.attempts:
                msg = f"source {self.url}: body ended after {how_far}, {failures} times: {self._fault}"
                raise TruncatedDownloadError(msg, "wait, and run again: the server or the network cuts the file off")
            self._client.policy.pause(failures, at_most=self.seconds_left)
            position = self._resume(position)
        if position == 0:
            msg = f"source {self.url} is empty: HTTP 200 with no bytes"
            raise EmptySourceError(msg, "look whether the source is being replaced, and run again")

    def _is(self, known: SourceState | None) -> bool:
        """Whether a server without ETags sent the same date and length as in the known state."""
        if known is None:
            return False
        before = Validators.known(known)
        if before.etag or not before.last_modified:
            return False
        return self.validators.last_modified == before.last_modified and self._length == known.bytes

    def _pieces(self) -> Generator[bytes]:
        """Yield the received bytes until the end or a broken connection, whose cause is stored in ``_fault``."""
        self._fault = None
        check_encoding(self._response.headers.get("Content-Encoding"), self.url)
        waiting = bytearray()
        try:
            for data in self._response.raw.stream(CHUNK_SIZE, decode_content=False):
                waiting += data
                if len(waiting) >= CHUNK_SIZE:
                    yield bytes(waiting)
                    waiting.clear()
        except _BROKEN as error:
            self._fault = self._client.shown(f"{type(error).__name__}: {error.args[0] if error.args else ''}")
        # Fetch the first few bytes before a break again: they are too few to check the packing.
        if waiting and (self._fault is None or len(waiting) >= SNIFFED_BYTES):
            yield bytes(waiting)

    def _resume(self, position: int) -> int:
        """Request the rest; return the offset of the response, 0 if it is the whole body again."""
        validator = self.validators.for_range
        if position and validator:
            headers = {**_HEADERS, "Range": f"bytes={position}-", "If-Range": validator}
            self._response = self._client.get(self.url, headers, self._limits.deadline)
            if self._continues(position):
                return position
            if self._response.status_code == HTTPStatus.OK:
                return self._begin_anew()
            self._response.close()
        self._response = self._client.get(self.url, _HEADERS, self._limits.deadline)
        return self._begin_anew()

    def _continues(self, position: int) -> bool:
        """Whether the response is the rest of the same body."""
        if self._response.status_code != HTTPStatus.PARTIAL_CONTENT:
            return False
        match = _CONTENT_RANGE.fullmatch(self._response.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != position:
            return False
        etag = Validators.of(self._response.headers).etag
        if etag is not None and etag != self.validators.etag:
            return False
        if match[2] != "*":
            total = int(match[2])
            if self._length is not None and total != self._length:
                return False
            self._length = total
        return True

    def _begin_anew(self) -> int:
        self.validators = Validators.of(self._response.headers)
        self._length = content_length(self._response.headers)
        return 0


def open_source(client: SourceClient, url: str, known: SourceState | None, limits: Limits) -> Download:
    """Request a source, with a conditional request if there is a known ETag.

    ``If-Modified-Since`` is not used: a file that is replaced with one of an earlier date would never be fetched
    (RFC 9110, 13.1.3). For a server without ETags, the date and length of the response are compared with the known
    state before the body is read.

    Parameters
    ----------
    known
        The published state; ``None`` for an unconditional request. Validators that cannot be sent are ignored.
    limits
        Limits of the download.

    Raises
    ------
    TransientError, TerminalError
        As for :meth:`SourceClient.get`.
    """
    headers = dict(_HEADERS)
    etag = Validators.known(known).etag if known is not None else None
    if etag:
        headers["If-None-Match"] = etag
    return Download(client, url, client.get(url, headers, limits.deadline), known, limits)

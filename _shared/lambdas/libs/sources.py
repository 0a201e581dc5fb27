"""Fetch a source once: conditionally, in pieces, resuming where a connection breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

import requests
import urllib3

from _shared.contracts.release import SourceState
from _shared.lambdas.libs.content import SNIFFED_BYTES, check_encoding, check_zip
from _shared.lambdas.libs.errors import EmptySourceError, TruncatedDownloadError
from _shared.lambdas.libs.http_source import SourceClient

CHUNK_SIZE = 1024 * 1024

# Identity, because the hash is of the file's bytes and a resumed range counts in them.
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "pp-raws-data-lake"}
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_BROKEN = (urllib3.exceptions.HTTPError, requests.RequestException, OSError)


class Chunk(NamedTuple):
    """Bytes and where they belong. An ``offset`` of 0 after others means: forget those, it begins anew."""

    offset: int
    data: bytes


@dataclass(frozen=True)
class Validators:
    """What identifies a state of the source: the server's ``ETag`` and ``Last-Modified``."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, response: requests.Response) -> Validators:
        """Take them from a response."""
        return cls(response.headers.get("ETag"), response.headers.get("Last-Modified"))

    @property
    def for_range(self) -> str | None:
        """The one that may stand in ``If-Range``: a weak ETag may not (RFC 9110, 13.1.5)."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.last_modified


class Download:
    """An answered request whose body is still to come.

    Attributes
    ----------
    url
        Address that was requested.
    not_modified
        Whether this is the state that is known already, so that the body need not be read.
    validators
        As the server sent them; those of the new body where the download began anew.
    """

    def __init__(
        self, client: SourceClient, url: str, response: requests.Response, known: SourceState | None = None
    ) -> None:
        self._client = client
        self._response = response
        self.url = url
        self.validators = Validators.of(response)
        self._length = _length(response)
        self.not_modified = response.status_code == HTTPStatus.NOT_MODIFIED or self._is(known)
        self._fault: str | None = None

    @property
    def length_declared(self) -> bool:
        """Whether the server said how long the body is: what has come whole is then known to be whole."""
        return self._length is not None

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the body; memory is one chunk.

        Raises
        ------
        TruncatedDownloadError
            The body ended early at every attempt.
        UnexpectedContentError
            It is no zip archive.
        EmptySourceError
            It has no bytes.
        """
        position = 0
        failures = 0
        while True:
            for data in self._pieces():
                if position == 0:
                    check_zip(data, self.url)
                yield Chunk(position, data)
                position += len(data)
            if self._fault is None and (self._length is None or position >= self._length):
                break
            failures += 1
            if failures >= self._client.policy.attempts:
                known = "an unknown number of" if self._length is None else self._length
                msg = (
                    f"source {self.url}: body ended after {position} of {known} bytes, {failures} times: {self._fault}"
                )
                raise TruncatedDownloadError(msg, "wait, and run again: the server or the network cuts the file off")
            self._client.policy.pause(failures)
            position = self._resume(position)
        if position == 0:
            msg = f"source {self.url} is empty: HTTP 200 with no bytes"
            raise EmptySourceError(msg, "look whether the source is being replaced, and run again")

    def _is(self, known: SourceState | None) -> bool:
        """Whether a server without ETags tells the very date and length of the state that is known."""
        if known is None or known.etag or not known.last_modified:
            return False
        return self.validators.last_modified == known.last_modified and self._length == known.bytes

    def _pieces(self) -> Iterator[bytes]:
        """Yield what comes until the end or a break, whose cause is left in ``_fault``."""
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
            self._fault = f"{type(error).__name__}: {error.args[0] if error.args else ''}"
        finally:
            self._response.close()
        # A few bytes before a break are too few to tell an archive from a page: fetch them again.
        if waiting and (self._fault is None or len(waiting) >= SNIFFED_BYTES):
            yield bytes(waiting)

    def _resume(self, position: int) -> int:
        """Ask for the rest; return where the answer begins, 0 where it is the whole body again."""
        validator = self.validators.for_range
        if position and validator:
            headers = {**_HEADERS, "Range": f"bytes={position}-", "If-Range": validator}
            self._response = self._client.get(self.url, headers)
            if self._continues(position):
                return position
            if self._response.status_code == HTTPStatus.OK:
                return self._begin_anew()
            self._response.close()
        self._response = self._client.get(self.url, _HEADERS)
        return self._begin_anew()

    def _continues(self, position: int) -> bool:
        """Whether the answer is the rest of the very body that broke."""
        if self._response.status_code != HTTPStatus.PARTIAL_CONTENT:
            return False
        match = _CONTENT_RANGE.fullmatch(self._response.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != position:
            return False
        etag = self._response.headers.get("ETag")
        if etag is not None and etag != self.validators.etag:
            return False
        if match[2] != "*":
            total = int(match[2])
            if self._length is not None and total != self._length:
                return False
            self._length = total
        return True

    def _begin_anew(self) -> int:
        self.validators = Validators.of(self._response)
        self._length = _length(self._response)
        return 0


def open_source(client: SourceClient, url: str, known: SourceState | None = None) -> Download:
    """Request a source, conditionally where it is known.

    A server without ETags is not asked with ``If-Modified-Since``: a file that is replaced by one with an earlier
    date would never be fetched (RFC 9110, 13.1.3). It is asked for the file, and its date and length are compared
    before the body is read.

    Parameters
    ----------
    known
        The state that was published; ``None`` fetches whatever is there.

    Raises
    ------
    TransientError, TerminalError
        As :meth:`SourceClient.get`.
    """
    headers = dict(_HEADERS)
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    return Download(client, url, client.get(url, headers), known)


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if _LENGTH.fullmatch(text) else None

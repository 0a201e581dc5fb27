"""Lengths that are none, and who may say that a file is not there."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from _shared.contracts.errors import (
    SourceNotFoundError,
    SourceRejectedError,
    SourceUnavailableError,
    TruncatedDownloadError,
)
from _shared.lambdas.libs.source.http.client import SourceClient
from tests._shared.lambdas.raw_server import (
    CHUNKED,
    FILE,
    FIRST_CHUNK,
    MEGABYTE,
    OK,
    always,
    endless,
    fetch,
    serve_raw,
)
from tests._shared.lambdas.support import client


@pytest.fixture(name="http")
def fixture_http() -> Iterator[SourceClient]:
    with client() as http:
        yield http


@pytest.mark.parametrize("length", ["5, 6", "5, 5", "-1", "-5", "abc", "5_0", "+5", "0x10", "", "9" * 5_000])
def test_a_length_that_is_none_is_the_sources_fault(http: SourceClient, length: str) -> None:
    with serve_raw(always(OK + f"Content-Length: {length}\r\n\r\n".encode() + FILE)) as server:
        with pytest.raises(SourceUnavailableError, match=r"after 5 attempts: .*Content-Length") as caught:
            fetch(http, server)
        assert len(server.asked) == 5
    assert len(str(caught.value)) < 500


def test_two_lengths_in_two_lines_are_none(http: SourceClient) -> None:
    talk = always(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + FILE)
    with serve_raw(talk) as server, pytest.raises(SourceUnavailableError, match="Content-Length"):
        fetch(http, server)


def test_a_length_beside_chunks_does_not_count(http: SourceClient) -> None:
    head = OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
    with serve_raw(always(head + FIRST_CHUNK + b"0\r\n\r\n")) as server:
        assert fetch(http, server) == FILE


@pytest.mark.parametrize(
    "talk",
    [
        endless(CHUNKED + b"-1\r\nPK\x03\x04", bytes(65_536)),
        endless(CHUNKED + b"-5\r\nPK\x03\x04", bytes(65_536)),
        endless(CHUNKED + FIRST_CHUNK + b"-ffff\r\n", bytes(65_536)),
        endless(CHUNKED, b"0" * 65_536),
        endless(CHUNKED + b"4;", b"x" * 65_536),
        endless(CHUNKED + FIRST_CHUNK + b"0\r\nX: ", b"y" * 65_536),
        always(CHUNKED + b"zz\r\nPK\x03\x04"),
        always(CHUNKED + b"\r\nPK\x03\x04"),
    ],
    ids=["-1", "-5", "-ffff", "long size", "long extension", "long trailer", "zz", "empty"],
)
def test_a_chunk_whose_size_is_none_is_the_sources_fault(
    http: SourceClient, talk: Callable[[str], Iterator[bytes]]
) -> None:
    tracemalloc.start()
    with serve_raw(talk) as server, pytest.raises(TruncatedDownloadError, match="5 times: ") as caught:
        fetch(http, server)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MEGABYTE
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_only_the_asked_address_can_say_that_there_is_no_file(http: SourceClient, status: str) -> None:
    gone = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    moved = b"HTTP/1.1 302 Found\r\nLocation: /apology.html\r\nContent-Length: 0\r\n\r\n"
    with serve_raw(always(gone)) as server, pytest.raises(SourceNotFoundError):
        fetch(http, server)
    with (
        serve_raw(lambda path: [moved] if path == "/x.zip" else [gone]) as server,
        pytest.raises(SourceRejectedError, match=rf"redirected to http://127.*/apology\.html: HTTP {status}"),
    ):
        fetch(http, server)

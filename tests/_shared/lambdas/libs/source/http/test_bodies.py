"""Bodies that nobody wants are not read, and none is decompressed."""

from __future__ import annotations

import gzip
import itertools
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from functools import cache, reduce

import pytest
import urllib3.response

from _shared.contracts.errors import (
    MedallionError,
    SourceNotFoundError,
    SourceUnavailableError,
    UnexpectedContentError,
)
from _shared.lambdas.libs.source.files.content import check_encoding
from _shared.lambdas.libs.source.http.client import SourceClient
from tests._shared.lambdas.raw_server import (
    FILE,
    MEGABYTE,
    OK,
    WHOLE,
    always,
    fetch,
    serve_raw,
)
from tests._shared.lambdas.support import client


@pytest.fixture(name="http")
def fixture_http() -> Iterator[SourceClient]:
    with client() as http:
        yield http


@cache
def bomb() -> bytes:
    """Return 315 MB of zeros, compressed twice to less than a kilobyte."""
    packed = zlib.compressobj(9, wbits=-15)
    megabyte = packed.compress(bytes(MEGABYTE)) + packed.flush(zlib.Z_FULL_FLUSH)
    checksum = reduce(lambda before, _: zlib.crc32(bytes(MEGABYTE), before), range(315), 0)
    end = b"\x03\x00" + struct.pack("<II", checksum, 315 * MEGABYTE)
    return gzip.compress(b"\x1f\x8b\x08" + bytes(7) + megabyte * 315 + end, 9)


@pytest.fixture(name="no_decompression")
def fixture_no_decompression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where anything asks for a decompressor."""

    def refused(mode: str) -> None:
        pytest.fail(f"decompresses {mode}")

    monkeypatch.setattr(urllib3.response, "_get_decoder", refused)


@pytest.mark.usefixtures("no_decompression")
def test_a_redirect_with_a_bomb_costs_its_header(http: SourceClient) -> None:
    body = bomb()
    assert len(body) < 1_000
    head = (
        "HTTP/1.1 302 Found\r\nLocation: /here.zip\r\nContent-Encoding: gzip, gzip\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with serve_raw(lambda path: [head.encode() + body] if path == "/x.zip" else [WHOLE]) as server:
        tracemalloc.start()
        try:
            assert fetch(http, server) == FILE
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert server.paths == ["/x.zip", "/here.zip"]
    assert peak < 5 * MEGABYTE


@pytest.mark.usefixtures("no_decompression")
@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("302 Found\r\nLocation: /here.zip", None),
        ("302 Found\r\nLocation: http://169.254.169.254/", MedallionError),
        ("403 Forbidden", MedallionError),
        ("404 Not Found", SourceNotFoundError),
        ("503 Service Unavailable", SourceUnavailableError),
    ],
    ids=lambda value: value.split("\r")[0] if isinstance(value, str) else "",
)
def test_a_body_that_is_not_wanted_is_not_read(
    http: SourceClient, status: str, error: type[MedallionError] | None
) -> None:
    piece = bytes(65_536)
    unwanted = f"HTTP/1.1 {status}\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"10000\r\n" + piece + b"\r\n"
    with serve_raw(
        lambda path: itertools.chain([unwanted], itertools.repeat(chunk)) if path == "/x.zip" else [WHOLE]
    ) as server:
        if error is None:
            assert fetch(http, server) == FILE
        else:
            with pytest.raises(error):
                fetch(http, server)
        # What is in the kernel's buffers, for each of at most five attempts.
        assert server.sent < 5 * 8 * MEGABYTE


@pytest.mark.parametrize(
    "encoding", ["UTF-8", "aws-chunked", "identity", "binary", "none", "", " , ", "identity, utf-8"]
)
def test_a_word_that_is_no_coding_is_passed_over(http: SourceClient, encoding: str) -> None:
    head = f"Content-Encoding: {encoding}\r\nContent-Length: {len(FILE)}\r\n\r\n".encode()
    with serve_raw(always(OK + head + FILE)) as server:
        assert fetch(http, server) == FILE


def test_bytes_that_are_no_archive_are_none_whatever_their_encoding_is_called(http: SourceClient) -> None:
    head = OK + b"Content-Encoding: aws-chunked\r\n\r\n400;chunk-signature=0\r\n"
    with (
        serve_raw(always(head + FILE)) as server,
        pytest.raises(UnexpectedContentError, match="expected a zip archive"),
    ):
        fetch(http, server)


@pytest.mark.usefixtures("no_decompression")
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "gzip, gzip, gzip"])
def test_a_coding_is_refused_and_never_undone(http: SourceClient, encoding: str) -> None:
    body = bomb()
    head = f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serve_raw(always(OK + head + body)) as server, pytest.raises(UnexpectedContentError, match="Content-Encoding"):
        fetch(http, server)


def test_a_long_encoding_is_cut() -> None:
    with pytest.raises(UnexpectedContentError) as caught:
        check_encoding("gzip," * 10_000, "x")
    assert len(str(caught.value)) < 500

"""Sources that are slow or huge: no download outlasts its deadline or outgrows its limit."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from _shared.contracts.errors import (
    SlowDownloadError,
    SourceTooLargeError,
    SourceUnavailableError,
)
from _shared.contracts.source import Source
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.limits import Limits
from config.release.sources import DOWNLOADS_SECONDS
from stacks.steps import fetch_and_hash
from tests._shared.lambdas.raw_server import (
    CHUNKED,
    DRIP_SECONDS,
    FILE,
    FIRST_CHUNK,
    MEGABYTE,
    OK,
    WHOLE,
    RawServer,
    always,
    dripping,
    endless,
    fetch,
    limits,
    serve_raw,
)
from tests._shared.lambdas.support import client, open_source


@pytest.fixture(name="http")
def fixture_http() -> Iterator[SourceClient]:
    with client() as http:
        yield http


SLOW = {
    "status line": dripping(b"", b"H"),
    "header": dripping(OK + b"X: ", b"x"),
    "header lines": dripping(OK, b"X: y\r\n"),
    "provisional answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "many provisional answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "body": dripping(OK + b"Content-Length: 9999\r\n\r\nPK\x03\x04", b"x"),
    "body without length": dripping(OK + b"\r\nPK\x03\x04", b"x"),
    "size of a chunk": dripping(CHUNKED + FIRST_CHUNK, b"0"),
    "chunk": dripping(CHUNKED + b"ffff\r\nPK\x03\x04", b"x"),
    "trailer": dripping(CHUNKED + FIRST_CHUNK + b"0\r\n", b"X: y\r\n"),
    "many trailers": endless(CHUNKED + FIRST_CHUNK + b"0\r\n", b"X: y\r\n" * 100),
    "redirect": dripping(b"HTTP/1.1 302 Found\r\nLocation: /x.zip\r\nX: ", b"x"),
}
HEADER_LINES_BEFORE_HTTP_CLIENT_GIVES_UP = 100


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_whatever_drips_ends_at_the_deadline(http: SourceClient, talk: Callable[[str], Iterator[bytes]]) -> None:
    assert HEADER_LINES_BEFORE_HTTP_CLIENT_GIVES_UP * DRIP_SECONDS > 1
    begun = time.monotonic()
    with (
        serve_raw(talk) as server,
        pytest.raises(SlowDownloadError, match="not complete after 0 s") as caught,
    ):
        fetch(http, server, limits(seconds=0.3))
    assert time.monotonic() - begun < 2
    assert "max_seconds" in caught.value.remedy


def test_pauses_between_attempts_end_at_the_deadline() -> None:
    pauses: list[float] = []
    talk = always(b"HTTP/1.1 503 No\r\nRetry-After: 3600\r\n\r\n")
    with client(pauses) as http, serve_raw(talk) as server, pytest.raises(SourceUnavailableError):
        fetch(http, server, limits(seconds=5))
    assert max(pauses) <= 5


@pytest.mark.parametrize(
    "talk",
    [
        endless(OK, b"X: " + b"y" * 60_000 + b"\r\n"),
        endless(OK + b"X: ", b"y" * 60_000),
        endless(b"", b"x" * 60_000),
    ],
    ids=["many lines", "one line", "no status line"],
)
def test_a_huge_header_is_no_answer(http: SourceClient, talk: Callable[[str], Iterator[bytes]]) -> None:
    tracemalloc.start()
    with serve_raw(talk) as server, pytest.raises(SourceUnavailableError, match="after 5 attempts") as caught:
        fetch(http, server)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * MEGABYTE
    assert len(str(caught.value)) < 500


def test_a_file_that_declares_too_much_is_not_read(http: SourceClient) -> None:
    talk = endless(OK + b"Content-Length: 10000001\r\n\r\nPK\x03\x04", bytes(65_536))
    with (
        serve_raw(talk) as server,
        pytest.raises(SourceTooLargeError, match="declares 10000001 bytes, more than the 10 MB") as caught,
    ):
        fetch(http, server)
    assert "max_megabytes" in caught.value.remedy
    assert server.sent < 8 * MEGABYTE


@pytest.mark.parametrize(
    "talk",
    [
        endless(OK + b"\r\nPK\x03\x04", bytes(65_536)),
        endless(CHUNKED + FIRST_CHUNK, b"10000\r\n" + bytes(65_536) + b"\r\n"),
        endless(CHUNKED + FIRST_CHUNK + b"ffffffffffffffff\r\n", bytes(65_536)),
    ],
    ids=["no length", "chunks", "one chunk"],
)
def test_a_file_without_end_is_too_large(http: SourceClient, talk: Callable[[str], Iterator[bytes]]) -> None:
    tracemalloc.start()
    with serve_raw(talk) as server, pytest.raises(SourceTooLargeError, match="has at least"):
        open_source_and_drop(http, server)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MEGABYTE


def open_source_and_drop(http: SourceClient, server: RawServer) -> None:
    """Read what comes and keep none of it."""
    for _ in open_source(http, f"{server.address}/x.zip", None, limits()).chunks():
        pass


def test_a_file_of_the_very_size_is_not_too_large(http: SourceClient) -> None:
    with serve_raw(always(WHOLE)) as server:
        assert fetch(http, server, limits(size=len(FILE))) == FILE
        with pytest.raises(SourceTooLargeError):
            fetch(http, server, limits(size=len(FILE) - 1))


def test_downloads_end_by_name_before_the_function_is_ended() -> None:
    assert fetch_and_hash.LIMIT.to_minutes() <= 15
    assert fetch_and_hash.LIMIT.to_seconds() > DOWNLOADS_SECONDS


def test_limits_are_those_of_the_source_and_of_what_is_left() -> None:
    source = Source("x", "https://x", (), max_megabytes=2, max_seconds=50)
    assert Limits.of(source).bytes == 2_000_000
    assert 49 < Limits.of(source).deadline.left <= 50
    assert Limits.of(source, 3).deadline.left <= 3


def test_tls_has_the_same_deadline(http: SourceClient, tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    http.session.verify = str(authority)
    with serve_raw(always(WHOLE), context) as server:
        assert fetch(http, server) == FILE
    with serve_raw(SLOW["header"], context) as server, pytest.raises(SlowDownloadError):
        fetch(http, server, limits(seconds=0.3))
    with serve_raw(SLOW["body"], context) as server, pytest.raises(SlowDownloadError):
        fetch(http, server, limits(seconds=0.3))


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate of 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path

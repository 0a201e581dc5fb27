"""What a hostile source can try, as it was tried: endless, slow, huge and lying answers."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import itertools
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import urllib3.response
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.dataset import Source
from _shared.contracts.errors import ContractError, MedallionError
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.bounded_http import Deadline
from _shared.lambdas.libs.content import check_encoding
from _shared.lambdas.libs.download_limits import Limits
from _shared.lambdas.libs.errors import (
    SlowDownloadError,
    SourceNotFoundError,
    SourceRejectedError,
    SourceTooLargeError,
    SourceUnavailableError,
    TruncatedDownloadError,
    UnexpectedContentError,
)
from _shared.lambdas.libs.http_source import SourceClient
from _shared.lambdas.libs.validators import Validators
from stacks import time_limits
from tests.unit.lambda_support import client, open_source
from tests.unit.raw_server import RawServer, serve_raw

MEGABYTE = 1_000_000
FILE = b"PK\x03\x04" + bytes(5_000)
OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + f"Content-Length: {len(FILE)}\r\n\r\n".encode() + FILE
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FIRST_CHUNK = f"{len(FILE):x}\r\n".encode() + FILE + b"\r\n"
DRIP_SECONDS = 0.02


@pytest.fixture(name="http")
def fixture_http() -> Iterator[SourceClient]:
    with client() as http:
        yield http


def limits(seconds: float = 30, size: int = 10 * MEGABYTE) -> Limits:
    return Limits(size, Deadline(seconds))


def fetch(http: SourceClient, server: RawServer, allowed: Limits | None = None) -> bytes:
    download = open_source(http, f"{server.address}/x.zip", None, allowed or limits())
    return b"".join(chunk.data for chunk in download.chunks())


def always(*pieces: bytes) -> Callable[[str], Iterator[bytes]]:
    return lambda _: iter(pieces)


def endless(head: bytes, piece: bytes) -> Callable[[str], Iterator[bytes]]:
    return lambda _: itertools.chain([head], itertools.repeat(piece))


def dripping(head: bytes, piece: bytes) -> Callable[[str], Iterator[bytes]]:
    def talk(_: str) -> Iterator[bytes]:
        yield head
        while True:
            time.sleep(DRIP_SECONDS)
            yield piece

    return talk


@cache
def bomb() -> bytes:
    """Return 315 MB, compressed twice to less than a kilobyte."""
    packed = zlib.compressobj(9, wbits=31)
    once = b"".join(packed.compress(bytes(MEGABYTE)) for _ in range(315)) + packed.flush()
    return gzip.compress(once, 9)


@pytest.fixture(name="no_decompression")
def fixture_no_decompression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where anything asks for a decompressor."""

    def refused(mode: str) -> None:
        pytest.fail(f"decompresses {mode}")

    monkeypatch.setattr(urllib3.response, "_get_decoder", refused)


# --- bodies that are not wanted -----------------------------------------------------------------


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


# --- slow, and large ----------------------------------------------------------------------------

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
        pytest.raises(SlowDownloadError, match="not whole 0 s after it was asked") as caught,
    ):
        fetch(http, server, limits(seconds=0.3))
    assert time.monotonic() - begun < 2
    assert "max_seconds" in caught.value.remedy


def test_pauses_between_attempts_end_at_the_deadline() -> None:
    pauses: list[float] = []
    with client(pauses) as http, serve_raw(always(b"HTTP/1.1 503 No\r\nRetry-After: 3600\r\n\r\n")) as server:
        with pytest.raises(SourceUnavailableError):
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
    assert time_limits.FETCH.to_minutes() <= 15
    assert time_limits.FETCH.to_seconds() > time_limits.DOWNLOADS_SECONDS


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


# --- numbers that are none ----------------------------------------------------------------------


@pytest.mark.parametrize("length", ["5, 6", "5, 5", "-1", "-5", "abc", "5_0", "+5", "0x10", "", "9" * 5_000])
def test_a_length_that_is_none_is_the_sources_fault(http: SourceClient, length: str) -> None:
    with serve_raw(always(OK + f"Content-Length: {length}\r\n\r\n".encode() + FILE)) as server:
        with pytest.raises(SourceUnavailableError, match="after 5 attempts: .*Content-Length") as caught:
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


# --- what cannot be sent back -------------------------------------------------------------------

POISON = [
    "\xa0x",
    "\x0cx",
    "\x0b",
    '"\xe9"',
    '"a b"',
    '"a"b"',
    "*",
    '"a", "b"',
    "x",
    'w/"x"',
    '"\x7f"',
    f'"{"x" * 9999}"',
    "",
]


@pytest.mark.parametrize("etag", POISON, ids=ascii)
def test_an_etag_that_cannot_be_sent_back_is_not_kept(http: SourceClient, etag: str) -> None:
    body = f"ETag: {etag}\r\nContent-Length: {len(FILE)}\r\n\r\n".encode("latin-1") + FILE
    with serve_raw(always(OK + body)) as server:
        download = open_source(http, f"{server.address}/x.zip", None, limits())
        assert b"".join(chunk.data for chunk in download.chunks()) == FILE
    assert download.validators == Validators()


@pytest.mark.parametrize("etag", POISON, ids=ascii)
def test_one_that_was_published_before_is_as_none(http: SourceClient, etag: str) -> None:
    date = "Sun, 01 Mar 2026 09:00:00 GMT"
    head = f"Last-Modified: {date}\r\nContent-Length: {len(FILE)}\r\n\r\n".encode()
    with serve_raw(always(OK + head + FILE)) as server:
        same = SourceState("x", "a" * 64, len(FILE), etag, date)
        download = open_source(http, f"{server.address}/x.zip", same, limits())
        download.close()
    assert download.not_modified
    assert "if-none-match" not in server.asked[0].lower()


@pytest.mark.parametrize(
    "date", ["\xa0", "yesterday", "Sun, 01 Mar 2026 09:00:00 GMT\x0b", "9" * 5_000, "Sun, 99 Mar 2026"]
)
def test_a_date_that_is_none_is_not_kept(date: str) -> None:
    state = SourceState("x", "a" * 64, 1, None, date)
    assert Validators.known(state) == Validators.of({"Last-Modified": date}) == Validators()


@given(st.text(st.characters(max_codepoint=255), max_size=40), st.text(st.characters(max_codepoint=255), max_size=40))
def test_what_is_kept_can_be_sent(etag: str, date: str) -> None:
    kept = Validators.of({"ETag": etag, "Last-Modified": date})
    for text in (kept.etag, kept.last_modified):
        assert text is None or (text.isascii() and text.isprintable() and text == text.strip())


@pytest.mark.parametrize("value", ["\xa0x", "\x0cx", "x\r\nHost: y", "ł", ""])
def test_a_header_that_cannot_be_sent_is_the_manifests_fault(http: SourceClient, value: str) -> None:
    with pytest.raises(ContractError, match="manifest: what it has for If-None-Match cannot be sent") as caught:
        http.get("http://127.0.0.1:1/x.zip", {"If-None-Match": value}, Deadline(1))
    assert "force" in caught.value.remedy


# --- after a redirect ---------------------------------------------------------------------------


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


# --- words of a Content-Encoding ----------------------------------------------------------------


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

"""Validators that cannot be sent back are not kept, and those kept before are passed over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.errors import ContractError
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.source.http.bounded import Deadline
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.validators import Validators
from tests._shared.lambdas.raw_server import (
    FILE,
    OK,
    always,
    limits,
    serve_raw,
)
from tests._shared.lambdas.support import client, open_source


@pytest.fixture(name="http")
def fixture_http() -> Iterator[SourceClient]:
    with client() as http:
        yield http


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
    with pytest.raises(ContractError, match="manifest: the value for If-None-Match is not a valid header") as caught:
        http.get("http://127.0.0.1:1/x.zip", {"If-None-Match": value}, Deadline(1))
    assert "force" in caught.value.remedy

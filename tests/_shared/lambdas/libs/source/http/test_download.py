"""Fetching from a server that redirects, throttles, hangs up and lies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from _shared.contracts.errors import (
    DisallowedSourceError,
    MedallionError,
    SourceForbiddenError,
    SourceNotFoundError,
    SourceRejectedError,
    SourceUnavailableError,
    TruncatedDownloadError,
    UnexpectedContentError,
)
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.download import Download
from _shared.lambdas.libs.source.http.rules import SourceRules
from tests._shared.lambdas.support import Answer, Asked, Source, client, file_answers, open_source, serve

BODY = b"PK\x03\x04" + random.Random(1).randbytes(3_000_000)
OTHER = b"PK\x03\x04" + random.Random(2).randbytes(2_000_000)
KNOWN = SourceState("x", "a" * 64, 1, '"one"', "Sun, 01 Mar 2026 09:00:00 GMT")


@pytest.fixture(name="pauses")
def fixture_pauses() -> list[float]:
    return []


@pytest.fixture(name="source")
def fixture_source() -> Iterator[Source]:
    with serve() as source:
        yield source


@pytest.fixture(name="http")
def fixture_http(pauses: list[float]) -> Iterator[SourceClient]:
    with ExitStack() as stack:
        yield stack.enter_context(client(pauses))


def body_of(download: Download) -> bytes:
    """Read as FetchAndHash does: what begins anew replaces what came before."""
    body = bytearray()
    for chunk in download.chunks():
        if chunk.offset != len(body):
            assert chunk.offset == 0
            body.clear()
        body += chunk.data
    return bytes(body)


def test_a_file_comes_whole_with_its_validators(source: Source, http: SourceClient) -> None:
    source.answer = file_answers(BODY)
    download = open_source(http, f"{source.address}/x.zip")
    assert body_of(download) == BODY
    assert (download.validators.etag, download.validators.last_modified) == (KNOWN.etag, KNOWN.last_modified)
    assert source.asked[0].headers["accept-encoding"] == "identity"
    assert "if-none-match" not in source.asked[0].headers


def test_a_known_source_is_asked_for_conditionally_and_costs_one_request(source: Source, http: SourceClient) -> None:
    source.answer = file_answers(BODY)
    download = open_source(http, f"{source.address}/x.zip", KNOWN)
    assert download.not_modified
    download.close()
    assert len(source.asked) == 1
    assert source.asked[0].headers["if-none-match"] == '"one"'


def test_without_an_etag_the_same_date_and_length_cost_one_request_and_no_body(
    source: Source, http: SourceClient
) -> None:
    source.answer = file_answers(BODY, etag=None)
    download = open_source(http, f"{source.address}/x.zip", replace(KNOWN, etag=None, bytes=len(BODY)))
    assert download.not_modified
    download.close()
    assert [asked.headers.get("if-modified-since") for asked in source.asked] == [None]


@pytest.mark.parametrize(
    "known",
    [
        replace(KNOWN, etag=None, bytes=len(BODY), last_modified="Mon, 02 Mar 2026 09:00:00 GMT"),
        replace(KNOWN, etag=None, bytes=len(BODY) + 1),
    ],
    ids=["an earlier date", "another length"],
)
def test_without_an_etag_another_date_or_length_is_fetched(
    source: Source, http: SourceClient, known: SourceState
) -> None:
    source.answer = file_answers(BODY, etag=None)
    assert body_of(open_source(http, f"{source.address}/x.zip", known)) == BODY


@pytest.mark.parametrize("breaks", [1, 3])
def test_a_broken_download_goes_on_where_it_broke(
    source: Source, http: SourceClient, pauses: list[float], breaks: int
) -> None:
    source.answer = file_answers(BODY, break_at=900_000, breaks=breaks)
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    ranges = [asked.headers.get("range") for asked in source.asked]
    assert ranges == [None, *[f"bytes={900_000 * count}-" for count in range(1, breaks + 1)]]
    assert all(asked.headers["if-range"] == '"one"' for asked in source.asked[1:])
    assert len(pauses) == breaks


def test_without_an_etag_the_modification_date_guards_the_range(source: Source, http: SourceClient) -> None:
    source.answer = file_answers(BODY, etag=None, break_at=900_000, breaks=1)
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    assert source.asked[1].headers["if-range"] == KNOWN.last_modified


@pytest.mark.parametrize("etag", ['W/"weak"', None])
def test_without_a_strong_validator_a_broken_download_begins_anew(
    source: Source, http: SourceClient, etag: str | None
) -> None:
    source.answer = file_answers(BODY, etag=etag, last_modified=None, break_at=1_500_000, breaks=1)
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    assert "range" not in source.asked[1].headers


def test_a_server_that_ignores_ranges_makes_it_begin_anew(source: Source, http: SourceClient) -> None:
    source.answer = file_answers(BODY, break_at=1_500_000, breaks=1, ranges=False)
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    assert len(source.asked) == 2


def test_a_file_that_changes_during_the_download_is_never_mixed(source: Source, http: SourceClient) -> None:
    first = file_answers(BODY, break_at=1_500_000, breaks=1)
    then = file_answers(OTHER, etag='"two"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    source.answer = lambda asked: first(asked) if len(source.asked) == 1 else then(asked)
    download = open_source(http, f"{source.address}/x.zip")
    assert body_of(download) == OTHER
    assert download.validators.etag == '"two"'


@pytest.mark.parametrize(
    "lie",
    [
        Answer(206, b"x" * 10, {"Content-Range": "bytes 5-14/3000004", "ETag": '"one"'}),
        Answer(206, b"x" * 10, {"ETag": '"one"'}),
        Answer(206, BODY[1_500_000:], {"Content-Range": "bytes 1500000-3000003/3000004", "ETag": '"two"'}),
        Answer(206, BODY[1_500_000:], {"Content-Range": "bytes 1500000-3000003/9", "ETag": '"one"'}),
        Answer(416),
    ],
    ids=["other offset", "no range", "other file", "other length", "not satisfiable"],
)
def test_an_answer_that_is_not_the_rest_is_not_appended(source: Source, http: SourceClient, lie: Answer) -> None:
    whole = file_answers(BODY, break_at=1_500_000, breaks=1)
    source.answer = lambda asked: lie if "range" in asked.headers else whole(asked)
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    assert len(source.asked) == 3


def test_a_break_within_the_first_bytes_is_no_wrong_content(source: Source, http: SourceClient) -> None:
    source.answer = file_answers(BODY, break_at=1, breaks=2)
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY


def test_a_body_that_always_ends_early_is_truncated(source: Source, http: SourceClient) -> None:
    source.answer = file_answers(BODY, break_at=600, breaks=99)
    with pytest.raises(TruncatedDownloadError, match=f"of {len(BODY)} bytes, 5 times"):
        body_of(open_source(http, f"{source.address}/x.zip"))
    assert len(source.asked) == 5


def test_throttling_is_waited_out_as_the_server_wishes(source: Source, http: SourceClient, pauses: list[float]) -> None:
    source.say(Answer(429, headers={"Retry-After": "7"}), Answer(503), Answer(200, BODY))
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    assert pauses == [7.0, 2.0]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_that_keeps_failing_is_unavailable(
    source: Source, http: SourceClient, pauses: list[float], status: int
) -> None:
    source.say(Answer(status))
    with pytest.raises(SourceUnavailableError, match=f"after 5 attempts: HTTP {status}"):
        open_source(http, f"{source.address}/x.zip")
    assert len(source.asked) == 5
    assert pauses == [1.0, 2.0, 4.0, 8.0]


def test_a_server_that_does_not_answer_is_unavailable(http: SourceClient) -> None:
    with serve() as gone:
        address = gone.address
    with pytest.raises(SourceUnavailableError, match="ConnectionError"):
        open_source(http, f"{address}/x.zip")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, SourceForbiddenError),
        (403, SourceForbiddenError),
        (404, SourceNotFoundError),
        (410, SourceNotFoundError),
        (400, SourceRejectedError),
        (451, SourceRejectedError),
    ],
)
def test_a_refusal_is_not_tried_again(
    source: Source, http: SourceClient, status: int, error: type[MedallionError]
) -> None:
    source.say(Answer(status))
    with pytest.raises(error, match=f"HTTP {status}"):
        open_source(http, f"{source.address}/x.zip")
    assert len(source.asked) == 1


def test_a_redirect_to_an_allowed_host_is_followed_and_one_by_path_too(source: Source, http: SourceClient) -> None:
    whole = file_answers(BODY)

    def answer(asked: Asked) -> Answer:
        if asked.path == "/x.zip":
            return Answer(302, headers={"Location": "/moved/x.zip"})
        if asked.path == "/moved/x.zip":
            return Answer(308, headers={"Location": f"{source.address}/here.zip"})
        return whole(asked)

    source.answer = answer
    assert body_of(open_source(http, f"{source.address}/x.zip")) == BODY
    assert [asked.path for asked in source.asked] == ["/x.zip", "/moved/x.zip", "/here.zip"]


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data/", "http://localhost/x.zip", "file:///etc/passwd"]
)
def test_a_redirect_to_what_is_not_allowed_is_refused(source: Source, http: SourceClient, location: str) -> None:
    source.say(Answer(302, headers={"Location": location}))
    with pytest.raises(DisallowedSourceError):
        open_source(http, f"{source.address}/x.zip")
    assert len(source.asked) == 1


def test_a_redirect_from_https_to_http_is_refused_where_only_https_is_allowed(source: Source) -> None:
    with client(rules=SourceRules(("127.0.0.1",))) as http, pytest.raises(DisallowedSourceError, match="'http'"):
        open_source(http, f"{source.address}/x.zip")
    assert source.asked == []


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>Maintenance</body></html>",
        b"\xef\xbb\xbf\r\n  <HTML>",
        b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
        b"Item Code,NDC11\n",
        b"P",
    ],
)
def test_what_is_no_archive_is_unexpected(source: Source, http: SourceClient, page: bytes) -> None:
    source.say(Answer(200, page))
    with pytest.raises(UnexpectedContentError, match="expected a zip archive"):
        body_of(open_source(http, f"{source.address}/x.zip"))


def test_a_page_that_replaces_the_file_during_the_download_is_unexpected(source: Source, http: SourceClient) -> None:
    first = file_answers(BODY, break_at=1_500_000, breaks=1)
    source.answer = lambda asked: first(asked) if len(source.asked) == 1 else Answer(200, b"<html>closed</html>")
    with pytest.raises(UnexpectedContentError, match="closed"):
        body_of(open_source(http, f"{source.address}/x.zip"))

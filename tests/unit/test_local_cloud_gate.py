"""What the local cloud refuses before the emulator sees it, and what it keeps back of the emulator's answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local_cloud.gate import HEALTH_PATH, Gate, refusal
from local_cloud.sent_request import SentRequest

ADDRESS = "127.0.0.1:4566"
REFUSED: dict[str, dict[str, Any]] = {
    "a page's request": {"origin": "http://page.example"},
    "a page without an address": {"origin": "null"},
    "an empty origin": {"origin": ""},
    "an image on a page": {"sec-fetch-site": "cross-site"},
    "a page of another port": {"sec-fetch-site": "same-site"},
    "a page of its own": {"sec-fetch-site": "same-origin"},
    "a name that leads here": {"host": "page.example:4566"},
    "the machine's other name": {"host": "localhost:4566"},
    "a bucket's own host": {"host": "bucket.127.0.0.1:4566"},
    "another port": {"host": "127.0.0.1:4567"},
    "no port": {"host": "127.0.0.1"},
    "two hosts": {"host": [ADDRESS, "page.example"]},
    "no host": {"host": []},
    "a preflight": {"method": "OPTIONS"},
    "the emulator's reset": {"method": "POST", "path": "/_ministack/reset"},
    "the emulator's settings": {"method": "POST", "path": "/_ministack/config"},
    "the emulator's health": {"path": "/_ministack/health"},
    "the other emulator's health": {"path": "/_localstack/health"},
    "the short path of its health": {"path": "/health"},
    "an API without a signature": {"path": "/_aws/execute-api/abcdef12/stage/"},
    "a callback that is read": {"path": "/_ministack/cfn-response/token"},
    "a health check that writes": {"method": "POST", "path": HEALTH_PATH},
}


def scope(method: str = "GET", path: str = "/", **headers: str | list[str]) -> dict[str, Any]:
    given = {"host": ADDRESS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [
        (name, value) for name, values in given.items() for value in ([values] if isinstance(values, str) else values)
    ]
    fields = [(name.encode(), value.encode()) for name, value in lines]
    return {"type": "http", "method": method, "path": path, "query_string": b"", "headers": fields}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_whoever_signed_it(case: str) -> None:
    assert refusal(SentRequest.of(scope(**REFUSED[case])), ADDRESS)


@pytest.mark.parametrize(
    "case",
    [
        {}, {"sec-fetch-site": "none"}, {"path": "/bucket/_key"}, {"path": "/healthy"}, {"path": HEALTH_PATH},
        {"method": "PUT", "path": "/_ministack/cfn-response/token"},
    ],
)  # fmt: skip
def test_not_refused_for_where_it_comes_from(case: dict[str, Any]) -> None:
    assert refusal(SentRequest.of(scope(**case)), ADDRESS) is None


def serve(request: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what the gate sends, and what it asked for: the request's body, the emulator."""
    sent: list[dict[str, Any]] = []
    asked: list[str] = []

    async def emulator(_scope: Any, _receive: Any, send: Any) -> None:
        asked.append("emulator")
        headers = [(b"Access-Control-Allow-Origin", b"*"), (b"access-control-max-age", b"1"), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"answer"})

    async def receive() -> dict[str, Any]:
        asked.append("body")
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Gate(emulator, ADDRESS)(request, receive, send))
    return sent, asked


def test_the_health_check_tells_nothing() -> None:
    sent, asked = serve(scope(path=HEALTH_PATH))
    assert [sent[0]["status"], sent[1]["body"], asked] == [200, b"{}", []]


def test_of_what_is_not_signed_the_body_is_not_read() -> None:
    sent, asked = serve(scope("PUT", "/bucket/key"))
    assert [sent[0]["status"], asked] == [403, []]
    assert b"<Code>AccessDenied</Code>" in sent[1]["body"]


def test_a_page_may_read_no_answer() -> None:
    sent, asked = serve(scope("PUT", "/_ministack/cfn-response/token"))
    assert asked == ["emulator"]
    assert sent[0]["headers"] == [(b"etag", b"x")]


def test_no_websocket_is_opened() -> None:
    sent, asked = serve({**scope(), "type": "websocket"})
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert "emulator" not in asked

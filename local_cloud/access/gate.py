"""Checks on every request before the emulator sees it: not from a web page, sent to the right address, and signed.

A page that the user visits can make the browser send requests to loopback. The page has no key of the account, so the
signature check alone stops it. The other checks also stop a page that has obtained a presigned URL or a key.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from local_cloud import seams
from local_cloud.access.credentials import secret_of
from local_cloud.access.sent_request import SentRequest
from local_cloud.access.signatures import NotAuthenticError, check_signature, read_claim

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEALTH_PATH = "/_local_cloud/health"
"""Health check. It needs no signature and returns only that the emulator is running."""
_CALLBACK_PATH = "/_ministack/cfn-response/"
"""Where the function of a custom resource sends its response. As on AWS, the rest of the path is a one-time secret."""
_POLICY_VIOLATION = 1008


def install(address: str) -> None:
    """Put the gate in front of the emulator that listens on ``host:port``."""
    seams.APP.replace(Gate(seams.APP.value, address))


def refusal(request: SentRequest, address: str) -> str | None:
    """Return why a request is refused regardless of its signature, or ``None`` if it is acceptable."""
    if request.headers.get("host") != [address]:
        return f"this is the local cloud of {address}, and it answers under that address alone"
    if "origin" in request.headers or request.headers.get("sec-fetch-site", ["none"]) != ["none"]:
        return "the local cloud answers no web page"
    if request.method == "OPTIONS":
        return "the local cloud has no cross-origin rules"
    if (request.path.startswith("/_") or request.path == "/health") and not is_open(request):
        return "the emulator's own paths are closed"
    return None


def is_open(request: SentRequest) -> bool:
    """Return whether a request needs no signature: the health check, and the response of a custom resource."""
    if request.path == HEALTH_PATH:
        return request.method == "GET"
    return request.method == "PUT" and request.path.startswith(_CALLBACK_PATH)


class Gate:
    """ASGI middleware that checks requests before it passes them on.

    Parameters
    ----------
    app
        The emulator.
    address
        ``host:port`` on which the emulator is published.
    """

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]], address: str) -> None:
        self._app = app
        self._address = address

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, _without_cors(send))
        else:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        request = SentRequest.of(scope)
        why = refusal(request, self._address)
        if why:
            await _answer(send, HTTPStatus.FORBIDDEN, {"Content-Type": "text/plain"}, f"Refused: {why}.\n".encode())
        elif request.path == HEALTH_PATH:
            await _answer(send, HTTPStatus.OK, {"Content-Type": "application/json"}, b"{}")
        elif is_open(request):
            await self._app(scope, receive, send)
        else:
            await self._serve_signed(request, scope, receive, send)

    async def _serve_signed(self, request: SentRequest, scope: Message, receive: Receive, send: Send) -> None:
        try:
            claim = read_claim(request, secret_of)  # the body of an unauthenticated caller is not read
            body = await _body(receive)
            if body is None:
                return
            check_signature(claim, body)
        except NotAuthenticError as error:
            await _answer(send, *_refused(request, error))
            return
        await self._app(scope, _replay(body, receive), send)


def _without_cors(send: Send) -> Send:
    async def send_without(message: Message) -> None:
        kept = [pair for pair in message.get("headers", []) if not pair[0].lower().startswith(b"access-control-")]
        await send({**message, "headers": kept} if message["type"] == "http.response.start" else message)

    return send_without


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body, or ``None`` if the client disconnected."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _refused(request: SentRequest, error: NotAuthenticError) -> tuple[int, dict[str, str], bytes]:
    """Return the refusal in the error format of the service that the request is for."""
    headers = request.joined_headers
    service = seams.DETECT_SERVICE.value(request.method, request.path, headers, request.query)
    status, fields, body = seams.CREDENTIAL_FAILURE.value(service, "", str(uuid.uuid4()), error, headers)
    return status, fields, body


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    fields = {**headers, "Content-Length": str(len(body)), "Date": formatdate(usegmt=True)}
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": pairs})
    await send({"type": "http.response.body", "body": body})

"""An HTTP request as it arrived, before any interpretation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote


@dataclass(frozen=True)
class SentRequest:
    """An HTTP request's line and headers.

    Parameters
    ----------
    path, raw_path
        The decoded path, which selects the service, and the path as sent, which is what was signed.
    query
        All values of each parameter.
    headers
        By lower-case name; values of a repeated header in order.
    """

    method: str
    path: str
    raw_path: str
    query: dict[str, list[str]]
    headers: dict[str, list[str]]

    @classmethod
    def of(cls, scope: dict[str, Any]) -> SentRequest:
        """Read a request from its ASGI scope."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(_text(value))
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        query = parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)
        return cls(scope["method"], scope["path"], raw_path.decode("latin-1"), query, headers)

    @property
    def joined_headers(self) -> dict[str, str]:
        """The headers as Signature Version 4 signs them: values of a repeated header are joined by a comma."""
        return {name: ",".join(values) for name, values in self.headers.items()}


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")

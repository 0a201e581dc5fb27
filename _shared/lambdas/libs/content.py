"""Tell from its first bytes whether a body is what was expected."""

from __future__ import annotations

import re
from collections.abc import Mapping

from _shared.contracts.messages import LONGEST_VALUE, shown
from _shared.lambdas.libs.errors import UnexpectedContentError

SNIFFED_BYTES = 512

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<!--")
_CODINGS = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "zstd"}
    | {"x-compress", "x-gzip"}
)
"""IANA's registry of HTTP content codings without identity, and the old names of two."""

_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


def is_markup(head: bytes) -> bool:
    """Whether the bytes begin an HTML or XML page."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP)


def check_zip(head: bytes, where: str) -> None:
    """Accept the beginning of a zip archive or raise.

    Raises
    ------
    UnexpectedContentError
        It is a page or something else; the message shows how it begins.
    """
    if head.startswith(_ZIP_SIGNATURES):
        return
    kind = "an HTML or XML page" if is_markup(head) else "something else"
    begin = head[:LONGEST_VALUE].decode("utf-8", "backslashreplace")
    msg = f"source {where}: expected a zip archive, found {kind} that begins {begin!r}"
    raise UnexpectedContentError(msg, "open the address in a browser: the file may have moved or be under maintenance")


def check_encoding(encoding: str | None, where: str) -> None:
    """Refuse a body that the server has compressed although identity was asked for: it is never decompressed.

    A word that is no coding, such as ``UTF-8`` or ``aws-chunked``, says nothing about the bytes, which are looked at.

    Raises
    ------
    UnexpectedContentError
        The bytes would not be the file's.
    """
    words = {word.strip().lower() for word in (encoding or "").split(",")}
    if words & _CODINGS:
        msg = f"source {where}: sent with Content-Encoding {shown(encoding)} although identity was asked for"
        raise UnexpectedContentError(msg, "ask the publisher to serve the file as it is, or use another address")


def content_length(headers: Mapping[str, str]) -> int | None:
    """Return the length that an answer declares; ``None`` where it declares none, or comes in chunks.

    Raises
    ------
    ValueError
        It is no length, so that nobody can tell where the body ends (RFC 9112, 6.3).
    """
    text = headers.get("Content-Length")
    if text is None or "Transfer-Encoding" in headers:
        return None
    if not _LENGTH.fullmatch(text):
        msg = f"Content-Length {text!r} is no length"
        raise ValueError(msg)
    return int(text)

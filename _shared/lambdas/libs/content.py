"""Tell from its first bytes whether a body is what was expected."""

from __future__ import annotations

from _shared.contracts.messages import LONGEST_VALUE, shown
from _shared.lambdas.libs.errors import UnexpectedContentError

SNIFFED_BYTES = 512

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<!--")


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
    """Refuse a body that the server has compressed although identity was asked for.

    Raises
    ------
    UnexpectedContentError
        The bytes would not be the file's.
    """
    if encoding and encoding.strip().lower() != "identity":
        msg = f"source {where}: sent with Content-Encoding {shown(encoding)} although identity was asked for"
        raise UnexpectedContentError(msg, "ask the publisher to serve the file as it is, or use another address")

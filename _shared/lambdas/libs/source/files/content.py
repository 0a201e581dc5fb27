"""Check the first bytes and the headers of a response against the declared packing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from _shared.contracts.errors import UnexpectedContentError
from _shared.contracts.messages import LONGEST_VALUE, shown
from _shared.contracts.source import GZIP, PLAIN, ZIP

SNIFFED_BYTES = 512

_SIGNATURES = {ZIP: (b"PK\x03\x04", b"PK\x05\x06"), GZIP: (b"\x1f\x8b\x08",)}
_KINDS = {ZIP: "a zip archive", GZIP: "a gzip file", PLAIN: "a plain file"}
_FOUND = {**_KINDS, PLAIN: "something else"}
_PAGE_REMEDY = "open the address in a browser: the file may have moved or be under maintenance"
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<!--")
_CODINGS = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "zstd"}
    | {"x-compress", "x-gzip"}
)
"""HTTP content codings of IANA's registry, except identity, and two deprecated names."""

_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


def is_markup(head: bytes) -> bool:
    """Whether the content starts like an HTML or XML page."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP)


def check_packing(head: bytes, packing: str, where: str) -> None:
    """Check that the start of a file matches the declared packing.

    A plain file has no signature; it must be neither packed nor an HTML or XML page.

    Raises
    ------
    UnexpectedContentError
        The file has another packing or is a page. The message shows its start.
    """
    found = next((name for name, signatures in _SIGNATURES.items() if head.startswith(signatures)), PLAIN)
    page = found == PLAIN and is_markup(head)
    if found == packing and not page:
        return
    kind = "an HTML or XML page" if page else _FOUND[found]
    begin = head[:LONGEST_VALUE].decode("utf-8", "backslashreplace")
    msg = f"source {where}: expected {_KINDS[packing]}, found {kind} that begins {begin!r}"
    remedy = _PAGE_REMEDY if found == PLAIN else f"if that is right, write {found!r} for packing in dataset.json"
    raise UnexpectedContentError(msg, remedy)


def check_encoding(encoding: str | None, where: str) -> None:
    """Reject a compressed response, because the request asked for identity and nothing decompresses the content.

    Words that are not registered codings, such as ``UTF-8`` or ``aws-chunked``, are ignored; the packing is checked
    on the content itself.

    Raises
    ------
    UnexpectedContentError
        The server compressed the response.
    """
    words = {word.strip().lower() for word in (encoding or "").split(",")}
    if words & _CODINGS:
        msg = f"source {where}: sent with Content-Encoding {shown(encoding)} although identity was asked for"
        raise UnexpectedContentError(msg, "ask the publisher to serve the file as it is, or use another address")


def content_length(headers: Mapping[str, str]) -> int | None:
    """Return the declared length of a response; ``None`` if there is none or the transfer is chunked.

    Raises
    ------
    ValueError
        The header is not a valid length, so the end of the body is undefined (RFC 9112, 6.3).
    """
    text = headers.get("Content-Length")
    if text is None or "Transfer-Encoding" in headers:
        return None
    if not _LENGTH.fullmatch(text):
        msg = f"Content-Length {text!r} is no length"
        raise ValueError(msg)
    return int(text)

"""Escape control characters in untrusted text before it is printed on a terminal.

A value, an error or a log line can contain terminal control sequences. They could overwrite earlier output, set the
clipboard or reverse the direction of text. Such characters are printed as visible escapes.
"""

from __future__ import annotations

import re

# C0 except tab and line feed, DEL, C1, Unicode's line separators and directional controls, and lone surrogates.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SPELT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str) -> str:
    r"""Return a text with control characters as escapes: ``\x1b``, ``\u202e``. Line feeds are kept."""
    return _OBEYED.sub(lambda found: _spelt(found[0]), text)


def one_line(text: str) -> str:
    r"""Return a text as :func:`printable` does, with line feeds and tabs as escapes."""
    return printable(text).replace("\n", _SPELT["\n"]).replace("\t", _SPELT["\t"])


def indented(text: str, columns: int) -> str:
    """Return a text with indented further lines, so that they do not look like separate output lines."""
    return text.replace("\n", "\n" + " " * columns)


def _spelt(character: str) -> str:
    code = ord(character)
    return _SPELT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004

"""Text that we did not write, made harmless for a terminal.

A value, an error or a log line can hold what a terminal obeys: it could rewrite what was printed, set the clipboard or
reverse what is read. Such characters are spelt out, so that one sees that they are there.
"""

from __future__ import annotations

import re

# C0 but tab and line feed, DEL and C1; the separators and directional controls of Unicode; lone surrogates.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SPELT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str) -> str:
    r"""Return a text in which whatever a terminal obeys is spelt out: ``\x1b``, ``\u202e``. Lines stay lines."""
    return _OBEYED.sub(lambda found: _spelt(found[0]), text)


def one_line(text: str) -> str:
    r"""Return a text as :func:`printable` does, with its line feeds and tabs spelt out, too."""
    return printable(text).replace("\n", _SPELT["\n"]).replace("\t", _SPELT["\t"])


def indented(text: str, columns: int) -> str:
    """Return a text whose second and further lines cannot be taken for lines of ours."""
    return text.replace("\n", "\n" + " " * columns)


def _spelt(character: str) -> str:
    code = ord(character)
    return _SPELT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004

"""Detect a file without rows from its first line and whether text follows."""

from __future__ import annotations

from _shared.contracts.source import Member

LONGEST_LINE = 64 * 1024
"""Maximum bytes of the first line to keep; a longer line is not a header."""

_BYTE_ORDER_MARK = "\ufeff"
_LINE_ENDS = b"\r\n"
_NO_HEADER = frozenset("\r\0")
"""Characters that a header must not contain."""


class FirstLine:
    """Observes a stream of a file's bytes. It holds one line in memory.

    Attributes
    ----------
    has_more
        Whether a non-blank line follows the first line.
    """

    def __init__(self) -> None:
        self.has_more = False
        self._line = bytearray()
        self._ended = False

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        if self.has_more:
            return
        rest = data
        if not self._ended:
            line, line_feed, rest = data.partition(b"\n")
            self._line += line[: LONGEST_LINE - len(self._line)]
            self._ended = bool(line_feed)
        self.has_more = bool(rest.strip(_LINE_ENDS))

    def is_all_without_rows(self, member: Member, encoding: str) -> bool:
        """Whether the file is blank or contains only the declared header.

        For a single line with other text the result is false; the bronze job then reports what is wrong with it.
        """
        text = self._line.decode(encoding, "replace").removeprefix(_BYTE_ORDER_MARK).rstrip("\r")
        if self.has_more or not text.strip():
            return not self.has_more
        if not member.parse.header or not _NO_HEADER.isdisjoint(text):
            return False
        declared = {name for column in member.columns for name in (column.header, *column.aliases)}
        return declared.issuperset(member.parse.header_names(text))

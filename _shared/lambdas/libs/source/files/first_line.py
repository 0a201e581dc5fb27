"""The first line of a file, and whether text follows it: enough to tell a file without rows."""

from __future__ import annotations

from _shared.contracts.dataset import Member

LONGEST_LINE = 64 * 1024
"""Bytes that are kept of the first line; a longer one is no header."""

_BYTE_ORDER_MARK = "\ufeff"
_LINE_ENDS = b"\r\n"
_NO_HEADER = frozenset("\r\0")
"""Characters that are in no header."""


class FirstLine:
    """Watches a file while its bytes pass; memory is one line.

    Attributes
    ----------
    has_more
        Whether a line that is not blank follows the first.
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
        """Whether the file is blank, or nothing but the header that the member declares.

        One line of any other text is left to the job that reads the file, which says what is wrong with it.
        """
        text = self._line.decode(encoding, "replace").removeprefix(_BYTE_ORDER_MARK).rstrip("\r")
        if self.has_more or not text.strip():
            return not self.has_more
        if not member.parse.header or not _NO_HEADER.isdisjoint(text):
            return False
        declared = {name for column in member.columns for name in (column.header, *column.aliases)}
        return declared.issuperset(member.parse.header_names(text))

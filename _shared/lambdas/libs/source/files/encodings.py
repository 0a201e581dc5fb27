"""Detect the encoding of a file from a stream of its bytes."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from _shared.contracts.errors import UndecodableMemberError

TOLERATED_LINES = 1_000
"""One undecodable line per this number of lines is tolerated; more mean that the encoding is wrong."""

_UTF8_MARK = codecs.BOM_UTF8
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONGEST_MARK = 3
_UTF8 = codecs.lookup("utf-8").name


@dataclass(frozen=True)
class FoundEncoding:
    """The encoding of a file, and the number of lines that it cannot decode."""

    name: str
    undecodable_lines: int = 0


class _Candidate:
    """One accepted encoding: decodes every line strictly, and counts the lines that fail.

    It holds one chunk of the file in memory, whatever the length of the lines.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed_lines = 0
        self.first_failure = ""
        self._decoder = codecs.getincrementaldecoder(name)("strict")
        self._before = self._decoder.getstate()
        self._seen = 0
        self._line_has_failed = False

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Decode the next bytes."""
        rest = self._rest_of_failed_line(data) if self._line_has_failed else data
        start = self._seen + len(data) - len(rest)
        if not self._decodes(rest, start, final=final):
            # Few chunks have a failure; only in these, decode line by line.
            self._feed_lines(rest, start, final=final)
        self._seen += len(data)

    def _rest_of_failed_line(self, data: bytes) -> bytes:
        _, line_feed, rest = data.partition(b"\n")
        self._line_has_failed = not line_feed
        return rest

    def _feed_lines(self, data: bytes, start: int, *, final: bool) -> None:
        """Decode line by line. The first line may continue the previous chunk; the last one may be incomplete."""
        self._decoder.setstate(self._before)
        lines = data.split(b"\n")
        last = len(lines) - 1
        for number, line in enumerate(lines):
            if not self._decodes(line, start, final=final or number < last):
                self.failed_lines += 1
                self._line_has_failed = number == last
            start += len(line) + 1

    def _decodes(self, data: bytes, start: int, *, final: bool) -> bool:
        self._before = self._decoder.getstate()
        pending = len(self._before[0])
        try:
            self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            if not self.first_failure:
                position = start - pending + error.start
                self.first_failure = f"byte 0x{error.object[error.start]:02x} at offset {position}"
            self._decoder.reset()
            return False
        return True


class EncodingDetector:
    """Finds the accepted encoding that decodes the most lines; on a tie, the first of the list.

    A byte-order mark takes precedence. With the mark of UTF-8, only UTF-8 is tried. A file with the mark of UTF-16 is
    rejected, because single-byte encodings would decode it to wrong text.

    Parameters
    ----------
    encodings
        Accepted encodings, in order of preference.
    """

    def __init__(self, encodings: Sequence[str]) -> None:
        self._candidates = [_Candidate(name) for name in encodings]
        self._head = b""
        self._line_feeds = 0
        self._last = b"\n"

    @property
    def has_byte_order_mark(self) -> bool:
        """Whether the file starts with the UTF-8 byte-order mark."""
        return self._head == _UTF8_MARK

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self._head += data[: _LONGEST_MARK - len(self._head)]
        self._line_feeds += data.count(b"\n")
        self._last = data[-1:] or self._last
        for candidate in self._candidates:
            candidate.feed(data)

    def finish(self, where: str) -> FoundEncoding:
        """Return the encoding of the whole file.

        Raises
        ------
        UndecodableMemberError
            Every accepted encoding fails on more than one line per :data:`TOLERATED_LINES`. The message contains the
            number of failed lines and the first invalid byte for each encoding.
        """
        if self._head.startswith(_UTF16_MARKS):
            msg = f"{where}: begins with the byte-order mark of UTF-16"
            raise UndecodableMemberError(msg, "decode it before it enters the lake, or extend the parse contract")
        for candidate in self._candidates:
            candidate.feed(b"", final=True)
        lines = self._line_feeds + (self._last != b"\n")
        usable = [candidate for candidate in self._candidates if not self._contradicts_mark(candidate)]
        best = min(usable, key=lambda candidate: candidate.failed_lines, default=None)
        if best is not None and best.failed_lines * TOLERATED_LINES <= lines:
            return FoundEncoding(best.name, best.failed_lines)
        failures = "; ".join(self._failure(candidate, lines) for candidate in self._candidates)
        msg = f"{where}: in none of the accepted encodings ({failures})"
        raise UndecodableMemberError(
            msg, "add the right encoding to parse.encodings of the dataset, or correct the file"
        )

    def _contradicts_mark(self, candidate: _Candidate) -> bool:
        return self.has_byte_order_mark and codecs.lookup(candidate.name).name != _UTF8

    def _failure(self, candidate: _Candidate, lines: int) -> str:
        if self._contradicts_mark(candidate):
            return f"{candidate.name}: contradicts the byte-order mark"
        return f"{candidate.name}: {candidate.failed_lines} of {lines} lines, the first with {candidate.first_failure}"

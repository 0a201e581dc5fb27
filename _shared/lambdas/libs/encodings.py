"""Find the encoding of a file while its bytes pass."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from _shared.lambdas.libs.errors import UndecodableMemberError

_UTF8_MARK = codecs.BOM_UTF8
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONGEST_MARK = 3
_UTF8 = codecs.lookup("utf-8").name


class _Candidate:
    """One encoding: strict decoding of everything so far, until the first byte that it cannot decode."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder(name)("strict")
        self.failure = ""
        self._seen = 0

    def feed(self, data: bytes, *, final: bool) -> None:
        """Decode the next bytes."""
        if self.decoder is None:
            return
        pending = self.decoder.getstate()[0]
        try:
            self.decoder.decode(data, final)
        except UnicodeDecodeError as error:
            position = self._seen - len(pending) + error.start
            self.failure = f"{self.name}: byte 0x{error.object[error.start]:02x} at offset {position}"
            self.decoder = None
        self._seen += len(data)


class EncodingDetector:
    """The first of the accepted encodings that decodes every byte.

    A byte-order mark is the file's own word: with UTF-8's only UTF-8 is tried, and with UTF-16's the
    file is refused, since single-byte encodings would accept it as gibberish.

    Parameters
    ----------
    encodings
        Accepted encodings, in order of preference.
    """

    def __init__(self, encodings: Sequence[str]) -> None:
        self._candidates = [_Candidate(name) for name in encodings]
        self._head = b""

    @property
    def has_byte_order_mark(self) -> bool:
        """Whether the file starts with UTF-8's byte-order mark."""
        return self._head == _UTF8_MARK

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self._head += data[: _LONGEST_MARK - len(self._head)]
        for candidate in self._candidates:
            candidate.feed(data, final=False)

    def finish(self, where: str) -> str:
        """Return the encoding of the whole file.

        Raises
        ------
        UndecodableMemberError
            None of the accepted encodings decodes it; the message has the first bad byte of each.
        """
        if self._head.startswith(_UTF16_MARKS):
            msg = f"{where}: begins with the byte-order mark of UTF-16"
            raise UndecodableMemberError(msg, "decode it before it enters the lake, or extend the parse contract")
        for candidate in self._candidates:
            candidate.feed(b"", final=True)
        failures = []
        for candidate in self._candidates:
            contradicted = self.has_byte_order_mark and codecs.lookup(candidate.name).name != _UTF8
            if candidate.decoder is not None and not contradicted:
                return candidate.name
            failures.append(candidate.failure or f"{candidate.name}: contradicts the byte-order mark")
        msg = f"{where}: in none of the accepted encodings ({'; '.join(failures)})"
        raise UndecodableMemberError(
            msg, "add the right encoding to parse.encodings of the dataset, or correct the file"
        )

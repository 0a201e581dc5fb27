"""SHA-256 of what passes by."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

_HEX = re.compile(r"[0-9a-f]{64}")


class StreamHasher:
    """SHA-256 and length of bytes that arrive in pieces."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.length = 0

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        self._digest.update(data)
        self.length += len(data)

    def hexdigest(self) -> str:
        """Return the SHA-256 of everything so far, lower-case hex."""
        return self._digest.hexdigest()


def sha256_of(pieces: Iterable[bytes]) -> str:
    """Return the SHA-256 of a stream, lower-case hex; memory does not grow with its length."""
    hasher = StreamHasher()
    for piece in pieces:
        hasher.update(piece)
    return hasher.hexdigest()


def is_sha256(text: str) -> bool:
    """Whether ``text`` is a SHA-256 in lower-case hex."""
    return _HEX.fullmatch(text) is not None


def same_digest(one: str, other: str) -> bool:
    """Whether both are the same SHA-256; what is no SHA-256 equals nothing, not even itself."""
    return is_sha256(one) and is_sha256(other) and hmac.compare_digest(one, other)


def short(digest: str) -> str:
    """Return the first digits of a digest: enough to tell two apart in a sentence."""
    return digest[:12]

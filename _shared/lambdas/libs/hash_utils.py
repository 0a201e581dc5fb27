"""SHA-256 of streams."""

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
        """Add the next bytes."""
        self._digest.update(data)
        self.length += len(data)

    def hexdigest(self) -> str:
        """Return the SHA-256 of all bytes so far, lower-case hex."""
        return self._digest.hexdigest()


def sha256_of(pieces: Iterable[bytes]) -> str:
    """Return the SHA-256 of a stream, lower-case hex, in constant memory."""
    hasher = StreamHasher()
    for piece in pieces:
        hasher.update(piece)
    return hasher.hexdigest()


def is_sha256(text: str) -> bool:
    """Whether ``text`` is a SHA-256 in lower-case hex."""
    return _HEX.fullmatch(text) is not None


def same_digest(one: str, other: str) -> bool:
    """Whether both texts are the same SHA-256; false if either is not a SHA-256."""
    return is_sha256(one) and is_sha256(other) and hmac.compare_digest(one, other)


def short(digest: str) -> str:
    """Return the first digits of a digest, for messages."""
    return digest[:12]

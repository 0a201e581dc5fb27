"""Interface between the jobs and the lake: addresses for Spark, and reads and writes of small objects."""

from __future__ import annotations

from typing import Protocol


class Lake(Protocol):
    """One lake bucket, or a local folder in tests.

    Keys are those of :mod:`_shared.contracts.layout`.
    """

    def personal_key(self) -> bytes:
        """Read the key for hashes of personal data; raise PersonalKeyMissingError if there is none."""

    def uri(self, key: str) -> str:
        """Address of a key or prefix for Spark."""

    def read_text(self, key: str) -> str:
        """Read an object as UTF-8 text.

        Raises
        ------
        ObjectMissingError
            There is no such object.
        """

    def read_head(self, key: str, length: int) -> bytes:
        """Read the first ``length`` bytes of an object, or all of a shorter one.

        Raises
        ------
        ObjectMissingError
            There is no such object.
        """

    def read_tail(self, key: str, length: int) -> bytes:
        """Read the last ``length`` bytes of an object, or all of a shorter one.

        Raises
        ------
        ObjectMissingError
            There is no such object.
        """

    def write_text(self, key: str, text: str, content_type: str = "application/json") -> None:
        """Write an object as UTF-8 text; an existing one is replaced."""

    def write_bytes(self, key: str, content: bytes) -> None:
        """Write an object; an existing one is replaced."""

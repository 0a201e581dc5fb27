"""The lake as the jobs see it: addresses for Spark, small objects for everything else."""

from __future__ import annotations

from typing import Protocol


class Lake(Protocol):
    """One lake bucket, or what stands for it in a test.

    Keys are those of :mod:`_shared.contracts.layout`.
    """

    def uri(self, key: str) -> str:
        """Address of a key or prefix, as Spark reads and writes it."""

    def read_text(self, key: str) -> str:
        """Whole object, decoded as UTF-8.

        Raises
        ------
        ObjectMissingError
            There is no such object.
        """

    def read_head(self, key: str, length: int) -> bytes:
        """First ``length`` bytes of an object, or all of a shorter one.

        Raises
        ------
        ObjectMissingError
            There is no such object.
        """

    def read_tail(self, key: str, length: int) -> bytes:
        """Last ``length`` bytes of an object, or all of a shorter one.

        Raises
        ------
        ObjectMissingError
            There is no such object.
        """

    def write_text(self, key: str, text: str) -> None:
        """Write an object as UTF-8, replacing what is there."""

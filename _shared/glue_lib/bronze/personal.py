"""Protection of columns that are declared as personal. Nothing behind the raw file has their values.

``mask`` hides all but the shape of a text, ``hash`` replaces the value by its keyed hash, so that equal values stay
equal, and ``drop`` leaves the column out. In a malformed record the fields are unknown: its whole text is masked.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.contracts.source import DROP, HASH, MASK, Member
from _shared.glue_lib.lake import Lake


@dataclass(frozen=True)
class Protection:
    """What happens to the columns of one member before they are written.

    Parameters
    ----------
    member
        The member with its declared columns.
    key
        Key of the hashes; empty if no column is hashed.
    """

    member: Member
    key: bytes = b""

    @classmethod
    def of(cls, member: Member, lake: Lake) -> Protection:
        """Return the member's protection. The key is read only if a column needs it.

        Raises
        ------
        PersonalKeyMissingError
            A column is hashed, and the environment has no key.
        """
        hashes = any(column.personal == HASH for column in member.columns)
        return cls(member, lake.personal_key() if hashes else b"")

    @property
    def written(self) -> tuple[str, ...]:
        """Names of the columns that are written."""
        return tuple(column.name for column in self.member.columns if column.personal != DROP)

    def value(self, name: str, value: Column) -> Column:
        """Return a column's value as it is written. Null stays null."""
        [how] = [column.personal for column in self.member.columns if column.name == name]
        if how == MASK:
            return masked(value)
        return hashed(value, self.key) if how == HASH else value

    def line(self, value: Column) -> Column:
        """Return the text of a malformed record as it is written."""
        return masked(value) if any(column.personal for column in self.member.columns) else value


def masked(value: Column) -> Column:
    """Replace ASCII digits by ``0`` and other characters by ``x``; length, spaces and ASCII punctuation stay."""
    return F.regexp_replace(F.regexp_replace(value, "[0-9]", "0"), r"[^!-/:-@\[-`{-~\s0]", "x")


def hashed(value: Column, key: bytes) -> Column:
    """Return the HMAC-SHA-256 of the UTF-8 text, in hexadecimal (RFC 2104).

    A Python function, because Spark's own would show the key in its plans and logs.
    """

    def digest(text: str | None) -> str | None:
        return None if text is None else hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    return F.udf(digest, "string")(value)

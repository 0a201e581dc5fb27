"""Shorten values and lists for messages.

Values from sources can have any length, but logs, run records, alerts and AWS services limit the length of a message.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

LONGEST_MESSAGE = 1900
"""Maximum characters of a message: less than 2,000 together with the error name in front of it."""

LONGEST_REMEDY = 600
LONGEST_VALUE = 80
_LONGEST_ADDRESS = 300
FIRST_FEW = 3
LISTED_CHOICES = 20
"""Number of items to show when the reader has to choose one of them."""
_CUT = " […] "


def shortened(text: str, most: int) -> str:
    """Shorten a text in the middle to at most ``most`` characters, and escape what UTF-8 cannot encode."""
    text = text.encode("utf-8", "backslashreplace").decode()
    if len(text) <= most:
        return text
    kept = most - len(_CUT)
    return f"{text[: kept - kept // 2]}{_CUT}{text[len(text) - kept // 2 :]}"


def shown(value: object, most: int = LONGEST_VALUE) -> str:
    """Format a value for a message, shortened in the middle."""
    return shortened(repr(value), most)


def shown_address(url: str) -> str:
    """Format a URL for a message, with a higher limit, so that host and file name stay visible."""
    return shown(url, _LONGEST_ADDRESS)


def listed(items: Collection[object], most: int = FIRST_FEW, separator: str = ", ") -> str:
    """List the first items and the number of the others: ``a, b, c and 31,997 more``."""
    return first_few((str(item) for item in islice(items, most)), len(items), separator)


def listed_values(values: Collection[object], most: int = FIRST_FEW) -> str:
    """List the first values, formatted by :func:`shown`, and the number of the others."""
    return first_few((shown(value) for value in islice(values, most)), len(values))


def first_few(first: Iterable[str], count: int, separator: str = ", ") -> str:
    """Join the first of ``count`` items and add the number of the others."""
    few = list(first)
    more = count - len(few)
    return separator.join(few) + (f" and {more:,} more" if more > 0 else "")

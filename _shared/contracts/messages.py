"""Foreign text in messages: however long a value or a list is, what is said of it is short.

Sources decide how long their headers and names are, and a message goes to logs, records, alerts and service limits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

LONGEST_MESSAGE = 1900
"""Characters of a whole message: under 2,000 with the name of the error before it."""

LONGEST_REMEDY = 600
LONGEST_VALUE = 80
_LONGEST_ADDRESS = 300
FIRST_FEW = 3
LISTED_CHOICES = 20
"""Where the list is what the reader chooses from."""
_CUT = " […] "


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters that UTF-8 can write: begin and end of one that is longer."""
    text = text.encode("utf-8", "backslashreplace").decode()
    if len(text) <= most:
        return text
    kept = most - len(_CUT)
    return f"{text[: kept - kept // 2]}{_CUT}{text[len(text) - kept // 2 :]}"


def shown(value: object, most: int = LONGEST_VALUE) -> str:
    """Spell a value for a message, shortened in the middle where it is long."""
    return shortened(repr(value), most)


def shown_address(url: str) -> str:
    """Spell an address, of which more is shown: its host and its file tell which source it is."""
    return shown(url, _LONGEST_ADDRESS)


def listed(items: Collection[object], most: int = FIRST_FEW, separator: str = ", ") -> str:
    """Name the first few of many, and how many more there are: ``a, b, c and 31,997 more``."""
    return first_few((str(item) for item in islice(items, most)), len(items), separator)


def listed_values(values: Collection[object], most: int = FIRST_FEW) -> str:
    """Name the first few of many values as :func:`shown` spells them: ``'a', 'b', 'c' and 31,997 more``."""
    return first_few((shown(value) for value in islice(values, most)), len(values))


def first_few(told: Iterable[str], count: int, separator: str = ", ") -> str:
    """Join what is told of the first few of ``count`` things, and say how many more there are."""
    few = list(told)
    more = count - len(few)
    return separator.join(few) + (f" and {more:,} more" if more > 0 else "")

"""What was probably meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from _shared.contracts.messages import LISTED_CHOICES, listed


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that was probably meant, ``None`` where none is near."""
    matches = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return matches[0] if matches else None


def suggestion(name: str, known: Sequence[str]) -> str:
    """Say what was probably meant, or list what there is."""
    meant = nearest(name, known)
    if meant:
        return f"did you mean {meant}?"
    return f"there are: {listed(known, LISTED_CHOICES)}" if known else "there are none yet"

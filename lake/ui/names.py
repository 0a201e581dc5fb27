"""Suggestions for a name that does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from _shared.contracts.messages import LISTED_CHOICES, listed


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the most similar known name, or ``None`` if none is similar."""
    matches = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return matches[0] if matches else None


def suggestion(name: str, known: Sequence[str]) -> str:
    """Return a remedy: the most similar name, or the list of known names."""
    meant = nearest(name, known)
    if meant:
        return f"did you mean {meant}?"
    return f"there are: {listed(known, LISTED_CHOICES)}" if known else "there are none yet"

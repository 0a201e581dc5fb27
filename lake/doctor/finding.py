"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Verdict of a check."""

    OK = "ok"
    NOTE = "note"
    """A deviation, or unknown, but not an obstacle."""

    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Parameters
    ----------
    check
        Subject of the check.
    found
        What was found.
    remedy
        How to fix it; empty if the check passed.
    """

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(check: str, found: str) -> Finding:
    """Return a passed check."""
    return Finding(check, Verdict.OK, found)


def note(check: str, found: str, remedy: str) -> Finding:
    """Return a deviation that is not an obstacle."""
    return Finding(check, Verdict.NOTE, found, remedy)


def missing(check: str, found: str, remedy: str) -> Finding:
    """Return a failed check: something is missing."""
    return Finding(check, Verdict.MISSING, found, remedy)

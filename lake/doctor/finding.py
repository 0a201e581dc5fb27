"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether all is well."""

    OK = "ok"
    NOTE = "note"
    """Not as it should be, or not known, and no obstacle."""

    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Parameters
    ----------
    check
        What was looked at.
    found
        What is there.
    remedy
        How to get what is not; empty where all is well.
    """

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(check: str, found: str) -> Finding:
    """Return that all is well."""
    return Finding(check, Verdict.OK, found)


def note(check: str, found: str, remedy: str) -> Finding:
    """Return that something is not as it should be, and no obstacle."""
    return Finding(check, Verdict.NOTE, found, remedy)


def missing(check: str, found: str, remedy: str) -> Finding:
    """Return that something is missing."""
    return Finding(check, Verdict.MISSING, found, remedy)

"""Mistakes in configuration, told with file, key and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _shared.contracts.errors import TerminalError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 80
_TOO_SHORT = "too_short"


class ConfigError(TerminalError):
    """A configuration file has a mistake."""


def mismatch(key: str, value: object, expected: str) -> str:
    """Say which key has what, where something else was expected."""
    return f"{key}: expected {expected} (found {shown(value)})"


def shown(value: object) -> str:
    """Spell a value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def describe(file: str, error: ValidationError) -> str:
    """Turn a pydantic error into one line for each mistake: file, key, expectation, value found."""
    mistakes = error.errors()
    return "\n".join(f"{file}: {_described(mistake)}" for mistake in mistakes if not _follows(mistake, mistakes))


def _follows(mistake: ErrorDetails, mistakes: list[ErrorDetails]) -> bool:
    """Whether a list is too short only because of mistakes in its elements, which are told themselves."""
    place = mistake["loc"]
    inside = (other["loc"] for other in mistakes if len(other["loc"]) > len(place))
    return mistake["type"] == _TOO_SHORT and any(loc[: len(place)] == place for loc in inside)


def _described(mistake: ErrorDetails) -> str:
    key = ".".join(str(part) for part in mistake["loc"]) or "document"
    if mistake["type"] in {"missing", "missing_argument"}:
        return f"{key}: required, and missing"
    if mistake["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        return f"{key}: unknown key: correct its spelling or take it out (found {shown(mistake['input'])})"
    if mistake["type"] == _TOO_SHORT:
        return mismatch(key, mistake["input"], f"at least {mistake['ctx']['min_length']}")
    return f"{key}: {mistake['msg']} (found {shown(mistake['input'])})"

"""Error messages for configuration: file, key, expected value and value found."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from _shared.contracts.errors import TerminalError
from _shared.contracts.messages import listed, shown

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_TOO_SHORT = "too_short"
_LISTED_MISTAKES = 10


class ConfigError(TerminalError):
    """A configuration file has a mistake."""


def mismatch(key: str, value: object, expected: str) -> str:
    """Return the message for a key whose value is not the expected one."""
    return f"{key}: expected {expected} (found {shown(value)})"


def describe(file: str, error: ValidationError) -> str:
    """Convert a pydantic error to one line for each mistake: file, key, expected value, value found."""
    mistakes = error.errors()
    return one_on_a_line([f"{file}: {_described(one)}" for one in mistakes if not _follows(one, mistakes)])


def one_on_a_line(mistakes: Collection[str]) -> str:
    """Return the first mistakes, one on a line, and the number of further ones."""
    return listed(mistakes, _LISTED_MISTAKES, separator="\n")


def _follows(mistake: ErrorDetails, mistakes: list[ErrorDetails]) -> bool:
    """Return whether a list is too short only because of mistakes in its elements, which have their own messages."""
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

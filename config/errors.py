"""Mistakes in configuration, told with file, key and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _shared.contracts.errors import TerminalError

if TYPE_CHECKING:
    from pydantic import ValidationError


class ConfigError(TerminalError):
    """A configuration file has a mistake."""


def describe(file: str, error: ValidationError) -> str:
    """Turn a pydantic error into one line for each mistake: file, key, expectation, value found."""
    lines = [
        f"{file}: {'.'.join(str(part) for part in mistake['loc']) or 'document'}: "
        f"{mistake['msg']} (found {mistake['input']!r})"
        for mistake in error.errors()
    ]
    return "\n".join(lines)

"""Expectations of a table: ``domains/<dataset>/expectations/<table>.json``, a suite in Great Expectations' format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from _shared.contracts.authored import Authored

Severity = Literal["critical", "warning"]
"""Severities, of those that Great Expectations has. A critical failure stops the publication."""

CRITICAL: Final = "critical"
WARNING: Final = "warning"

REFERENCE, REMEDY = "reference", "remedy"
"""Keys of ``meta``: the page that a rule comes from, and what to do when the expectation fails."""

SINGLE_COLUMNS = ("column", "column_A", "column_B")
COLUMN_LIST = "column_list"
"""Arguments that name columns."""


@dataclass(frozen=True)
class Expectation(Authored):
    """One expectation.

    Parameters
    ----------
    type
        Name in Great Expectations, such as ``expect_column_values_to_match_regex``.
    kwargs
        Arguments of the expectation. ``mostly`` is the least share of values that meet it.
    severity
        ``critical`` stops the publication; ``warning`` is published and reported.
    description
        What is expected, in one sentence; empty for the text that Great Expectations makes.
    meta
        ``reference`` and ``remedy``.
    """

    type: str
    kwargs: dict[str, Any] = field(hash=False)
    severity: Severity = CRITICAL
    description: str = ""
    meta: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the arguments name."""
        single = [self.kwargs[key] for key in SINGLE_COLUMNS if key in self.kwargs]
        return (*single, *self.kwargs.get(COLUMN_LIST, ()))

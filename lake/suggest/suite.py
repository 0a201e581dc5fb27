"""A suite of expectations that a table meets now, for its owner to edit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lake.suggest.questions import Facts, is_category

SLACK = 0.01
"""Share of values that may differ from what the published version shows."""

_NAME = "expect_column_values_to_"


def suite(table: str, facts: Iterable[Facts]) -> dict[str, Any]:
    """Return a suite in Great Expectations' format. Everything is a warning until somebody decides otherwise."""
    expectations = [expectation for fact in facts for expectation in _of_column(fact)]
    return {"name": table, "expectations": expectations}


def _of_column(fact: Facts) -> Iterator[dict[str, Any]]:
    present = fact.rows - fact.nulls
    if present:
        mostly = max(math.floor(100 * present / fact.rows) / 100 - SLACK, 0)
        if mostly:
            yield _expectation("not_be_null", fact.name, f"{fact.nulls} of {fact.rows} null", mostly=round(mostly, 2))
    if is_category(fact):
        yield _expectation("be_in_set", fact.name, f"{fact.distinct} values", value_set=list(fact.values))
    elif fact.samples:
        pattern = "|".join(f"^{_pattern(shape)}$" for shape in fact.samples)
        yield _expectation("match_regex", fact.name, f"{fact.shapes} shapes", regex=pattern, mostly=round(1 - SLACK, 2))


def _expectation(kind: str, column: str, seen: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    return {
        "type": f"{_NAME}{kind}",
        "kwargs": {"column": column, **arguments},
        "severity": "warning",
        "description": f"Suggested from a published version: {seen}",
    }


def _pattern(shape: str) -> str:
    """Convert a shape to a regular expression: runs of digits and of letters, everything else as it is."""
    parts = []
    for run in re.finditer(r"9+|A+|[^9A]", shape):
        text = run[0]
        kind = {"9": "[0-9]", "A": "[A-Za-z]"}.get(text[0])
        parts.append(re.escape(text) if kind is None else f"{kind}{{{len(text)}}}")
    return "".join(parts)

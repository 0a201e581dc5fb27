"""Results of expectations as the platform reports them: what was observed, what was expected, and what to do."""

from __future__ import annotations

from typing import Any

from _shared.contracts.messages import listed_values
from _shared.contracts.quality.expectations import CRITICAL, REFERENCE, REMEDY
from _shared.contracts.report import CheckResult
from _shared.glue_lib.quality.engine import Evaluated, prescription

SHOWN_VALUES = 5
"""Distinct unexpected values in a message."""


def check_result(evaluated: Evaluated, table: str) -> CheckResult:
    """Return the result of one expectation.

    An expectation that could not be evaluated is a critical failure, whatever its severity: nobody knows what it would
    have found.
    """
    expectation = evaluated.expectation
    remedy, severity = expectation.meta.get(REMEDY, ""), expectation.severity
    if evaluated.problem:
        remedy, severity = f"correct the expectation in the expectations of {table}", CRITICAL
    return CheckResult(
        name=expectation.type,
        table=table,
        passed=evaluated.success,
        observed=_observed(evaluated),
        expected=prescription(expectation),
        column=", ".join(expectation.columns) or None,
        severity=severity,
        reference=expectation.meta.get(REFERENCE, ""),
        remedy=remedy,
    )


def _observed(evaluated: Evaluated) -> str:
    if evaluated.problem:
        return f"could not be evaluated: {evaluated.problem}"
    found: dict[str, Any] = dict(evaluated.result.result or {})
    if "unexpected_count" not in found:
        return (
            f"found {found['observed_value']}" if "observed_value" in found else "met" if evaluated.success else "not"
        )
    unexpected, share = found["unexpected_count"], found.get("unexpected_percent") or 0.0
    what = "null" if evaluated.expectation.type.endswith("_not_be_null") else "unexpected"
    samples = _samples(found.get("partial_unexpected_list") or [])
    return f"{unexpected} of {found['element_count']} {what} ({share:.2f}%)" + (f": {samples}" if samples else "")


def _samples(values: list[Any]) -> str:
    distinct = list(dict.fromkeys(str(value) for value in values if value is not None))
    return listed_values(distinct, SHOWN_VALUES)

"""Evaluate expectations on a table with Great Expectations: the only module that imports it before publication.

The library offers no way to get both the counts of all expectations and one pass over the data: with a result format
above ``BOOLEAN_ONLY`` it runs a query for the unexpected values of each expectation. Hence all are evaluated in one
pass, with the counts taken from the metrics of that pass. Only failed expectations are evaluated again, for samples.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from _shared.contracts.quality.expectations import Expectation

# Read when the library is imported. It would otherwise send usage statistics.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

from great_expectations.core.batch import Batch
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.registry import get_renderer_impl
from great_expectations.validator.validator import Validator

SAMPLED_VALUES = 200
"""Unexpected values that are read for each failed expectation."""

_COUNTS = {"result_format": "BOOLEAN_ONLY"}
_SAMPLES = {"result_format": "BASIC", "partial_unexpected_count": SAMPLED_VALUES}
_UNEXPECTED, _ROWS, _NULLS = ".unexpected_count", "table.row_count", "column_values.nonnull.unexpected_count"


@dataclass(frozen=True)
class Evaluated:
    """One evaluated expectation.

    Parameters
    ----------
    expectation
        The expectation.
    result
        Its result in Great Expectations' format.
    problem
        Why it could not be evaluated; empty if it was.
    """

    expectation: Expectation
    result: ExpectationValidationResult
    problem: str = ""

    @property
    def success(self) -> bool:
        """Whether the expectation was evaluated and met."""
        return bool(self.result.success) and not self.problem


class _CountingEngine(SparkDFExecutionEngine):  # type: ignore[misc]
    """Keeps the metrics that were resolved, by their ids."""

    def __init__(self) -> None:
        super().__init__(persist=False)
        self.resolved: dict[Any, Any] = {}

    def resolve_metrics(self, *arguments: Any, **named: Any) -> dict[Any, Any]:  # noqa: ANN401 - the library's own
        """Resolve metrics in as few passes as possible, and keep them."""
        found: dict[Any, Any] = super().resolve_metrics(*arguments, **named)
        self.resolved.update(found)
        return found


class _QuietValidator(Validator):  # type: ignore[misc]
    """Draws no progress bars into the job's log."""

    def _determine_progress_bars(self) -> bool:
        return False


def validate(frame: DataFrame, expectations: Sequence[Expectation]) -> tuple[Evaluated, ...]:
    """Evaluate expectations on a table, in their order.

    Parameters
    ----------
    frame
        The table. All expectations on values of a column share one pass over the columns that they name. Each
        expectation on a pair of columns, each query and each failed expectation takes passes of its own.
    """
    if not expectations:
        return ()
    engine = _CountingEngine()
    validator = _QuietValidator(execution_engine=engine, batches=[Batch(data=frame)])
    configurations = {str(number): _configuration(one, str(number)) for number, one in enumerate(expectations)}
    refused = {name: result for name, one in configurations.items() if (result := _refused(one)) is not None}
    results = refused | _results(validator, [configurations[n] for n in configurations if n not in refused], _COUNTS)
    failed = [one for name, one in configurations.items() if not results[name].success and not _problem(results[name])]
    sampled = _results(validator, failed, _SAMPLES)
    for name in results.keys() - sampled.keys():
        results[name].result = _counted(configurations[name], engine, results[name])
    found = {**results, **sampled}
    return tuple(Evaluated(one, found[str(n)], _problem(found[str(n)])) for n, one in enumerate(expectations))


def suite_result(name: str, evaluated: Iterable[Evaluated]) -> ExpectationSuiteValidationResult:
    """Return the results of a suite in Great Expectations' format, without expectations that the library refuses."""
    results = [one.result for one in evaluated if _refused(one.result.expectation_config) is None]
    met = sum(bool(result.success) for result in results)
    statistics = {
        "evaluated_expectations": len(results),
        "successful_expectations": met,
        "unsuccessful_expectations": len(results) - met,
        "success_percent": 100 * met / len(results) if results else None,
    }
    return ExpectationSuiteValidationResult(
        success=met == len(results), results=results, suite_name=name, statistics=statistics
    )


def prescription(expectation: Expectation) -> str:
    """Return what is expected, in the author's or else in Great Expectations' words."""
    if expectation.description:
        return expectation.description
    found = get_renderer_impl(expectation.type, "atomic.prescriptive.summary")
    value = found[1](configuration=_configuration(expectation, "0")).to_json_dict()["value"] if found else {}
    text = str(value.get("template") or expectation.type)
    for name, parameter in sorted((value.get("params") or {}).items(), reverse=True):
        text = text.replace(f"${name}", str(parameter.get("value")))
    return text


def _configuration(expectation: Expectation, name: str) -> ExpectationConfiguration:
    return ExpectationConfiguration(
        type=expectation.type,
        kwargs=dict(expectation.kwargs),
        meta=dict(expectation.meta),
        description=expectation.description or None,
        id=name,
        severity=FailureSeverity(expectation.severity),
    )


def _refused(configuration: ExpectationConfiguration) -> ExpectationValidationResult | None:
    """Return a result for an expectation that the library does not know or whose arguments it refuses."""
    try:
        configuration.to_domain_obj()
    except Exception as error:  # noqa: BLE001 - whatever the library raises, the expectation cannot be evaluated
        told = {"raised_exception": True, "exception_message": f"{error}", "exception_traceback": ""}
        return ExpectationValidationResult(success=False, expectation_config=configuration, exception_info=told)
    return None


def _results(
    validator: Validator, configurations: Iterable[ExpectationConfiguration], result_format: Mapping[str, Any]
) -> dict[str, ExpectationValidationResult]:
    """Evaluate expectations. The library returns those that raised first, so results are found by their id."""
    asked = list(configurations)
    if not asked:
        return {}
    results = validator.graph_validate(
        configurations=asked, runtime_configuration={"result_format": dict(result_format), "catch_exceptions": True}
    )
    return {_id(result): result for result in results}


def _id(result: ExpectationValidationResult) -> str:
    configuration = result.expectation_config
    return str(configuration.id) if configuration is not None else ""


def _problem(result: ExpectationValidationResult) -> str:
    """Return the message of the exception that prevented the evaluation; empty if there was none."""
    found: dict[str, Any] = dict(result.exception_info or {})
    # One exception has its fields here; several are listed by metric.
    each = [found] if "raised_exception" in found else list(found.values())
    messages = [str(one.get("exception_message")) for one in each if one.get("raised_exception")]
    if not messages:
        return ""
    lines = [line.strip() for line in messages[0].splitlines() if line.strip()] or ["no message"]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    if "validation error" in lines[0]:
        return "; ".join(lines)
    # Py4J's first line only says that a call failed.
    return causes[-1].removeprefix("Caused by: ") if causes else lines[0]


def _counted(
    configuration: ExpectationConfiguration, engine: _CountingEngine, result: ExpectationValidationResult
) -> dict[str, Any]:
    """Return the counts of an expectation that was met, from the metrics of the common pass."""
    if _problem(result):
        return {}
    dependencies = configuration.to_domain_obj().get_validation_dependencies(
        execution_engine=engine, runtime_configuration={"result_format": dict(_COUNTS)}
    )
    metrics = {
        name: engine.resolved[metric.id]
        for name, metric in dependencies.metric_configurations.items()
        if metric.id in engine.resolved
    }
    rows, nulls = metrics.get(_ROWS), metrics.get(_NULLS, 0)
    own = [value for name, value in metrics.items() if name.endswith(_UNEXPECTED) and name != _NULLS]
    if rows is not None and own:
        return _shares(rows, own[0], rows - nulls)
    if rows is not None and _NULLS in metrics:
        return _shares(rows, nulls, rows)
    values = [value for value in metrics.values() if isinstance(value, int | float | str)]
    return {"observed_value": values[0]} if values else {}


def _shares(rows: int, unexpected: int, of: int) -> dict[str, Any]:
    share = 100 * unexpected / of if of else None
    return {"element_count": rows, "unexpected_count": unexpected, "unexpected_percent": share}

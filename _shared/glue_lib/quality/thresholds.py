"""Expectations that follow from the thresholds of ``data_quality`` in ``dataset.json``."""

from __future__ import annotations

import math

from _shared.contracts.dataset import DataQuality, SilverTable
from _shared.contracts.quality.expectations import REMEDY, Expectation
from _shared.contracts.release import PreviousVersion

_ROWS = "expect_table_row_count_to_be_between"
_NOT_NULL = "expect_column_values_to_not_be_null"


def from_thresholds(
    table: SilverTable, quality: DataQuality, previous: PreviousVersion | None
) -> tuple[Expectation, ...]:
    """Return the expectations of a table, all critical.

    Parameters
    ----------
    previous
        The previous publication, whose row count must not be undercut by more than ``max_row_count_drop``.
    """
    columns = {column.name for column in table.columns}
    required = [name for name in quality.required_columns if name in columns]
    return (
        Expectation(_ROWS, {"min_value": 1}),
        *_not_shrunk(table, quality, previous),
        *(_not_null(name, quality.critical_null_threshold) for name in required),
    )


def _not_null(column: str, threshold: float) -> Expectation:
    remedy = "look at the source, or change critical_null_threshold in dataset.json"
    kwargs = {"column": column, "mostly": round(1 - threshold, 10)}
    return Expectation(_NOT_NULL, kwargs, description=f"at most {threshold:.2%} null", meta={REMEDY: remedy})


def _not_shrunk(table: SilverTable, quality: DataQuality, previous: PreviousVersion | None) -> list[Expectation]:
    before = previous.row_counts.get(table.name) if previous else None
    if previous is None or not before or table.changes_only:
        return []
    least = math.ceil(before * (1 - quality.max_row_count_drop))
    description = (
        f"a drop of at most {quality.max_row_count_drop:.2%} from the {before} rows of version {previous.version}"
    )
    remedy = "compare the file with the version before; if the source did shrink, change max_row_count_drop"
    return [Expectation(_ROWS, {"min_value": least}, description=description, meta={REMEDY: remedy})]

"""Profile a table: nulls, shares of categories, distribution of dates, and keys against the previous version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from _shared.contracts.dataset import SilverTable
from _shared.contracts.lineage import PREFIX
from _shared.contracts.quality.profile import OTHER, ColumnProfile, KeyChurn, TableProfile

IN_SET = "expect_column_values_to_be_in_set"
PERCENTILES = (0.05, 0.5, 0.95)

_COLUMN, _VALUE, _ROWS, _KEY, _OLD, _NEW = "column", "value", "rows", "key", "old", "new"


def profile(frame: DataFrame, table: SilverTable, previous: DataFrame | None) -> TableProfile:
    """Profile a written table, in two passes and one over its key.

    Parameters
    ----------
    previous
        The table in the previous version; ``None`` if there is none.
    """
    names = [column.name for column in table.columns if not column.name.startswith(PREFIX)]
    dates = [column.name for column in table.columns if column.type == "date" and column.name in names]
    found = _aggregates(frame, names, dates)
    values = _values(frame, categories(table))
    columns = {
        name: ColumnProfile(found[f"nulls {name}"] or 0, values.get(name, {}), _days(found, name, dates))
        for name in names
    }
    return TableProfile(found[_ROWS], columns, None if previous is None else churn(previous, frame, table.key))


def categories(table: SilverTable) -> dict[str, tuple[str, ...]]:
    """Return the columns whose values an expectation lists, with the values."""
    # One without values cannot be evaluated, which its own result says.
    listed = [one for one in table.expectations if one.type == IN_SET and one.kwargs.get("value_set")]
    return {one.kwargs["column"]: tuple(str(value) for value in one.kwargs["value_set"]) for one in listed}


def churn(previous: DataFrame, frame: DataFrame, key: Sequence[str]) -> KeyChurn | None:
    """Count the distinct keys that were added and removed.

    64-bit hashes stand for the keys.

    Returns
    -------
    KeyChurn or None
        ``None`` if the previous version lacks a column of the key.
    """
    if not set(key) <= set(previous.columns):
        return None
    both = _keys(previous, key, is_new=False).unionByName(_keys(frame, key, is_new=True))
    sides = both.groupBy(_KEY).agg(F.max(_OLD).alias(_OLD), F.max(_NEW).alias(_NEW))
    counts = [(F.col(_OLD)), (F.col(_NEW) & ~F.col(_OLD)), (F.col(_OLD) & ~F.col(_NEW))]
    row = sides.agg(*(F.count(F.when(condition, 1)) for condition in counts)).first()
    return KeyChurn(*(row or (0, 0, 0)))


def _keys(frame: DataFrame, key: Sequence[str], *, is_new: bool) -> DataFrame:
    sides = (F.lit(not is_new).alias(_OLD), F.lit(is_new).alias(_NEW))
    return frame.select(F.xxhash64(*key).alias(_KEY), *sides).distinct()


def _aggregates(frame: DataFrame, names: Sequence[str], dates: Sequence[str]) -> Row:
    nulls = [F.count(F.when(F.col(name).isNull(), 1)).alias(f"nulls {name}") for name in names]
    days = [F.percentile_approx(F.unix_date(name), list(PERCENTILES)).alias(f"days {name}") for name in dates]
    row = frame.agg(F.count(F.lit(1)).alias(_ROWS), *nulls, *days).first()
    if row is None:
        msg = "an aggregate without groups has one row"
        raise ValueError(msg)
    return row


def _days(found: Row, name: str, dates: Sequence[str]) -> tuple[str, ...]:
    days = (found[f"days {name}"] or ()) if name in dates else ()
    return tuple(_from_days(day) for day in days)


def _from_days(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def _values(frame: DataFrame, listed: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """Count the rows by listed value, for all categories at once."""
    if not listed:
        return {}
    pairs = F.array(
        *(F.struct(F.lit(name).alias(_COLUMN), _known(name, of).alias(_VALUE)) for name, of in listed.items())
    )
    exploded = frame.select(F.explode(pairs).alias("pair")).select("pair.*").dropna()
    counts: dict[str, dict[str, int]] = {name: {} for name in listed}
    for row in exploded.groupBy(_COLUMN, _VALUE).count().collect():
        counts[row[_COLUMN]][row[_VALUE]] = row["count"]
    return counts


def _known(name: str, values: Sequence[str]) -> Column:
    text = F.col(name).cast("string")
    return F.when(text.isNull() | text.isin(*values), text).otherwise(F.lit(OTHER))

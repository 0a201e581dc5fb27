"""Profile of a run's tables: ``quality/<dataset>/run_id=<run_id>/profile.json``. Later runs are compared with it."""

from __future__ import annotations

from dataclasses import dataclass, field

OTHER = "(other)"
"""Stands for all values of a category that its expectation does not list."""


@dataclass(frozen=True)
class ColumnProfile:
    """Profile of one column.

    Parameters
    ----------
    nulls
        Number of nulls.
    values
        Rows by value, for a column whose expectation lists the values; nulls are left out.
    dates
        5th percentile, median and 95th percentile of a date column, ``YYYY-MM-DD``; empty for other columns.
    """

    nulls: int
    values: dict[str, int] = field(default_factory=dict)
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyChurn:
    """Distinct keys against the previous version: all of it, added since, removed since."""

    before: int
    added: int
    removed: int

    @property
    def removed_share(self) -> float:
        """Share of the previous version's keys that are gone, 0 to 1."""
        return self.removed / self.before if self.before else 0.0

    @property
    def added_share(self) -> float:
        """Added keys relative to the previous version's keys."""
        return self.added / self.before if self.before else 0.0


@dataclass(frozen=True)
class TableProfile:
    """Profile of one table. ``churn`` is ``None`` if there was no previous version to compare with."""

    rows: int
    columns: dict[str, ColumnProfile] = field(default_factory=dict)
    churn: KeyChurn | None = None


@dataclass(frozen=True)
class RunProfile:
    """Profiles of all tables that a run wrote."""

    dataset: str
    run_id: str
    version: str
    tables: dict[str, TableProfile] = field(default_factory=dict)

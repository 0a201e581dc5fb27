"""What a Glue job did: ``quality/<dataset>/run_id=<run_id>/<layer>.json``.

Written by each job as its last act, read by UpdateManifest, which refuses to publish without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CheckResult:
    """One quality check.

    Parameters
    ----------
    name
        What was checked, for example ``unique_grain``.
    table, column
        Where; ``column`` is ``None`` for a check of the table.
    passed
        Whether it held.
    observed, expected
        In words, with numbers.
    """

    name: str
    table: str
    passed: bool
    observed: str
    expected: str
    column: str | None = None


@dataclass(frozen=True)
class TableCounts:
    """Rows of one table in one job.

    Parameters
    ----------
    table
        Dataset-level table name.
    rows_in
        Rows read: records of the raw file for bronze, bronze rows for silver.
    rows_out
        Rows written to the layer.
    duplicates
        Rows left out because an equal row was kept.
    quarantined
        Rows kept back in quarantine, by reason.
    malformed
        Bronze only: rows kept although their line breaks the parse contract.
    location
        S3 address of what was written, ending in ``/``.
    inferred_types
        Bronze only: column to the narrowest type that every value fits. Informative: nothing is converted.
    source_header
        Bronze only: header texts as the file spelt them, in the file's order.
    sources
        Silver only: member tables that the rows come from; empty where it is the one of the same name.
    left_out
        Rows that by design have no place in this table, by reason.
    kept
        Rows that the written ones are made of; ``None`` where they are the written ones.
    expected
        Rows that must be written for those kept; ``None`` where it is as many.
    """

    table: str
    rows_in: int
    rows_out: int
    location: str
    duplicates: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    malformed: int = 0
    inferred_types: dict[str, str] = field(default_factory=dict)
    source_header: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)
    kept: int | None = None
    expected: int | None = None

    @property
    def accounted(self) -> int:
        """Rows that came in and are accounted for."""
        kept = self.rows_out if self.kept is None else self.kept
        return kept + self.duplicates + sum(self.quarantined.values()) + sum(self.left_out.values())

    @property
    def balanced(self) -> bool:
        """Whether every row that came in is accounted for, and every row written is due to one."""
        due = self.kept if self.expected is None else self.expected
        return self.rows_in == self.accounted and (due is None or self.rows_out == due)


@dataclass(frozen=True)
class JobReport:
    """The result of one Bronze or Silver job.

    Parameters
    ----------
    absent
        Tables that were not made, because the release lacks every file that they are made of.
    """

    dataset: str
    run_id: str
    layer: str
    tables: tuple[TableCounts, ...]
    checks: tuple[CheckResult, ...] = ()
    absent: tuple[str, ...] = ()

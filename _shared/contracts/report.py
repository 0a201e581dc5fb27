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

    @property
    def balanced(self) -> bool:
        """Whether every row that came in is accounted for."""
        return self.rows_in == self.rows_out + self.duplicates + sum(self.quarantined.values())


@dataclass(frozen=True)
class JobReport:
    """The result of one Bronze or Silver job."""

    dataset: str
    run_id: str
    layer: str
    tables: tuple[TableCounts, ...]
    checks: tuple[CheckResult, ...] = ()

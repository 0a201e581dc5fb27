"""Report of a Glue job: ``quality/<dataset>/run_id=<run_id>/<layer>.json``.

Each job writes its report last. UpdateManifest does not publish without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from _shared.contracts.quality.expectations import CRITICAL, Severity

ANOMALY = "anomaly"
"""Check that compares a figure of a version with those of the versions before."""


@dataclass(frozen=True)
class CheckResult:
    """Result of one quality check.

    Parameters
    ----------
    name
        Name of the check, for example ``unique_grain``.
    table, column
        What was checked; ``column`` is ``None`` for a check of the whole table.
    passed
        Whether the check passed.
    observed, expected
        The observed and the expected value, as text.
    severity
        ``critical`` stops the publication; ``warning`` is published and reported.
    reference
        The page that the rule comes from; empty if there is none.
    remedy
        What to do when the check fails; empty if there is nothing to say.
    """

    name: str
    table: str
    passed: bool
    observed: str
    expected: str
    column: str | None = None
    severity: Severity = CRITICAL
    reference: str = ""
    remedy: str = ""

    @property
    def stops(self) -> bool:
        """Whether the check stops the publication."""
        return not self.passed and self.severity == CRITICAL


@dataclass(frozen=True)
class TableCounts:
    """Row counts of one table in one job.

    Parameters
    ----------
    table
        Table name within the dataset.
    rows_in
        Rows read: records of the raw file for bronze, bronze rows for silver.
    rows_out
        Rows written to the layer.
    duplicates
        Rows dropped because they equal a kept row.
    quarantined
        Rows in quarantine, by reason.
    malformed
        Bronze only: rows whose line violates the parse contract. They are kept.
    location
        S3 address of the written files, ending in ``/``.
    inferred_types
        Bronze only: narrowest type of each column that fits all values. Informative only: bronze stays text.
    columns
        Bronze only: columns of the written files, with their types as the Data Catalog names them.
    source_header
        Bronze only: header texts of the file, in file order.
    sources
        Silver only: bronze tables of the rows; empty if there is one with the same name.
    left_out
        Rows that do not belong to this table by design, by reason.
    kept
        Input rows of the transform; ``None`` if each gives one output row.
    column_sources
        Silver only: bronze columns that each column is computed from, as ``table.column``; empty if not known.
    expected
        Number of output rows that the kept rows must give; ``None`` if it equals ``kept``.
    """

    table: str
    rows_in: int
    rows_out: int
    location: str
    duplicates: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    malformed: int = 0
    inferred_types: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    source_header: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)
    kept: int | None = None
    expected: int | None = None
    column_sources: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def accounted(self) -> int:
        """Number of input rows that are accounted for."""
        kept = self.rows_out if self.kept is None else self.kept
        return kept + self.duplicates + sum(self.quarantined.values()) + sum(self.left_out.values())

    @property
    def balanced(self) -> bool:
        """Whether all input rows are accounted for and the number of output rows is as expected."""
        due = self.kept if self.expected is None else self.expected
        return self.rows_in == self.accounted and (due is None or self.rows_out == due)


@dataclass(frozen=True)
class JobReport:
    """Report of one Bronze or Silver job.

    Parameters
    ----------
    absent
        Tables that were not written because the release lacks all their source files.
    """

    dataset: str
    run_id: str
    layer: str
    tables: tuple[TableCounts, ...]
    checks: tuple[CheckResult, ...] = ()
    absent: tuple[str, ...] = ()

"""The catalog's table of all checks of all runs: one Parquet file for each run under ``quality_results/``."""

from __future__ import annotations

TABLE = "quality_results"
DESCRIPTION = "One row per check of each run's tables: what was seen, what was expected, and what to do"

COLUMNS = {
    "dataset": ("string", "Dataset"),
    "run_id": ("string", "Run that was checked"),
    "version": ("string", "Release date of the run"),
    "table_name": ("string", "Silver table"),
    "column_name": ("string", "Column; null for a check of the whole table"),
    "check_name": ("string", "Expectation of Great Expectations, or check of the platform"),
    "severity": ("string", "critical: stops the publication; warning: is reported"),
    "passed": ("boolean", "Whether the check passed"),
    "observed": ("string", "What was seen"),
    "expected": ("string", "What was expected"),
    "remedy": ("string", "What to do if it failed"),
    "reference": ("string", "Page that the rule comes from"),
}
"""Type in the catalog and comment of each column, in order."""

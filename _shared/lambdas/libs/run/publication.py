"""Build the publication of a processed release. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts.manifest import Publication
from _shared.contracts.release import Release
from _shared.lambdas.libs.run.reports import Reports


@dataclass(frozen=True)
class Processed:
    """A release that both jobs have processed.

    Parameters
    ----------
    reports
        Verified reports of the jobs.
    fingerprint
        Hash of the transform code and dataset configuration.
    """

    release: Release
    reports: Reports
    fingerprint: str


def publication(processed: Processed, now: str) -> Publication:
    """Build the publication of a release.

    Parameters
    ----------
    now
        Time of publication, ISO 8601 UTC.
    """
    release, tables = processed.release, processed.reports.silver.tables
    return Publication(
        version=release.version,
        run_id=release.run_id,
        published_at=now,
        sources=release.states,
        fingerprint=processed.fingerprint,
        locations={table.table: table.location for table in tables},
        row_counts={table.table: table.rows_out for table in tables},
    )

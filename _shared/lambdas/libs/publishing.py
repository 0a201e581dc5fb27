"""Plan a publication: what the catalog and the manifest are to say. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import silver_table_prefix
from _shared.contracts.manifest import Manifest, PublishedVersion
from _shared.contracts.release import Release
from _shared.lambdas.libs.errors import SupersededRunError
from _shared.lambdas.libs.reports import Reports
from _shared.lambdas.libs.table_inputs import TablePlan

CURRENT = "current"
VERSION = "version"

_START_LENGTH = len("YYYYMMDDTHHMMSSZ")


@dataclass(frozen=True)
class Processed:
    """A release that both jobs have processed.

    Parameters
    ----------
    reports
        What the jobs report, verified.
    fingerprint
        Hash of the transform code and dataset configuration that processed it.
    """

    release: Release
    reports: Reports
    fingerprint: str


@dataclass(frozen=True)
class PublicationPlan:
    """What is to be published.

    Parameters
    ----------
    published_as
        ``current``, or ``version`` for a release older than the one that readers see.
    tables
        What the catalog is to have.
    absent
        Names of the configured tables that the release lacks.
    manifest
        The manifest afterwards; the one before, where it says all this already.
    """

    published_as: str
    tables: tuple[TablePlan, ...]
    absent: tuple[str, ...]
    manifest: Manifest


def plan(before: Manifest | None, processed: Processed, config: DatasetConfig, now: str) -> PublicationPlan:
    """Plan the publication of a release.

    Parameters
    ----------
    now
        Time of publication, ISO 8601 UTC.

    Raises
    ------
    SupersededRunError
        A later run has published the same version.
    """
    release = processed.release
    counts = {table.table: table for table in processed.reports.silver.tables}
    entry = PublishedVersion(
        version=release.version,
        run_id=release.run_id,
        published_at=now,
        sources=release.states,
        fingerprint=processed.fingerprint,
        locations={name: table.location for name, table in counts.items()},
        row_counts={name: table.rows_out for name, table in counts.items()},
    )
    tables = tuple(
        TablePlan(
            table=table,
            version=release.version,
            run_id=release.run_id,
            location=counts[table.name].location,
            root=_root(counts[table.name].location, table.name),
            rows=counts[table.name].rows_out,
        )
        for table in config.silver_tables
        if table.name in counts
    )
    absent = tuple(table.name for table in config.silver_tables if table.name not in counts)
    published_as = CURRENT if before is None or release.version >= before.current else VERSION
    return PublicationPlan(published_as, tables, absent, _with_entry(before, entry, release))


def _root(location: str, table: str) -> str:
    prefix = silver_table_prefix(table)
    return location[: location.index(prefix) + len(prefix)]


def _with_entry(before: Manifest | None, entry: PublishedVersion, release: Release) -> Manifest:
    if before is None:
        return Manifest(release.dataset, entry.version, {entry.version: entry})
    known = before.versions.get(entry.version)
    if known is not None:
        _refuse_superseded(known, entry)
        if replace(known, published_at=entry.published_at) == entry:
            entry = known
    current = max(before.current, entry.version)
    return Manifest(release.dataset, current, {**before.versions, entry.version: entry})


def _refuse_superseded(known: PublishedVersion, entry: PublishedVersion) -> None:
    """Refuse to take readers back: a run id begins with the run's start."""
    if known.run_id[:_START_LENGTH] > entry.run_id[:_START_LENGTH]:
        msg = f"version {entry.version} was published by run {known.run_id}, which began after run {entry.run_id}"
        raise SupersededRunError(msg, "start a new run instead of redriving this one")

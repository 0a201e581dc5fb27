"""Compute the wanted catalog tables from the manifest, and compare them with the catalog. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from _shared.contracts.dataset import SilverTable
from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.naming import versions_table
from _shared.contracts.publications import current, shown_of_each_version
from _shared.lambdas.libs.sink.table_inputs import (
    PUBLICATIONS_PARAMETER,
    RUN_PARAMETER,
    PublishedTable,
    covers,
    current_table,
    versions_table_of,
)

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableTypeDef


@dataclass(frozen=True)
class Declarations:
    """The declared silver tables of a dataset.

    Parameters
    ----------
    fingerprint
        Fingerprint of the deployed code and configuration; ``None`` if unknown. Only publications with the same
        fingerprint are known to have the declared columns. For others, existing columns in the catalog are kept.
    """

    tables: tuple[SilverTable, ...]
    fingerprint: str | None = None


@dataclass(frozen=True)
class WantedTable:
    """Wanted catalog entries of one silver table.

    Parameters
    ----------
    current
        The published table that the current table must show; ``None`` if the current publication lacks it.
    versions
        The published table that each partition of the versions table must show, by release date.
    as_declared
        Whether the current publication is known to have the declared columns.
    """

    table: SilverTable
    current: PublishedTable | None
    versions: Mapping[str, PublishedTable]
    as_declared: bool

    @property
    def versions_name(self) -> str:
        """Name of the versions table."""
        return versions_table(self.table.name)

    @property
    def newest(self) -> PublishedTable:
        """The published table of the newest release that has the table."""
        return self.versions[max(self.versions)]

    @property
    def newest_as_declared(self) -> bool:
        """Whether the newest release that has the table is known to have the declared columns."""
        return self.as_declared and self.newest == self.current

    @property
    def digest(self) -> str:
        """Digest that identifies this set of partitions."""
        lines = (f"{version} {shown.location}\n" for version, shown in sorted(self.versions.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def wanted_tables(manifest: Manifest, declared: Declarations) -> tuple[WantedTable, ...]:
    """Return the wanted catalog entries of all declared tables."""
    now, versions = current(manifest), shown_of_each_version(manifest)
    return tuple(
        WantedTable(
            table,
            _of_publication(table, now),
            {version: one for version, entry in versions.items() if (one := _of_publication(table, entry))},
            as_declared=now.fingerprint == declared.fingerprint,
        )
        for table in declared.tables
    )


def differences(manifest: Manifest, declared: Declarations, found: Mapping[str, TableTypeDef]) -> tuple[str, ...]:
    """Return the differences between catalog and manifest, one phrase for each table; empty if there are none.

    Partitions are not compared one by one: the digest parameter of a versions table shows whether they are complete.

    Parameters
    ----------
    found
        Tables of the database by name.
    """
    wanted = wanted_tables(manifest, declared)
    found_by_table = [(versions_difference(one, found), current_difference(one, found)) for one in wanted]
    return tuple(phrase for phrases in found_by_table for phrase in phrases if phrase is not None)


def versions_difference(wanted: WantedTable, found: Mapping[str, Any]) -> str | None:
    """Return the difference of the versions table, ``None`` if there is none."""
    if not wanted.versions:
        return None
    name = wanted.versions_name
    table = found.get(name)
    if table is None:
        return f"{name} was missing"
    if table.get("Parameters", {}).get(PUBLICATIONS_PARAMETER) != wanted.digest:
        return f"{name} was not known to have every publication"
    if wanted.newest_as_declared and not covers(table, versions_table_of(wanted.newest, wanted.digest)):
        return f"{name} had other columns or settings"
    return None


def current_difference(wanted: WantedTable, found: Mapping[str, Any]) -> str | None:
    """Return the difference of the current table, ``None`` if there is none."""
    name, shown = wanted.table.name, wanted.current
    table = found.get(name)
    if shown is None:
        return None if table is None else f"{name} was there, and the current release lacks it"
    if table is None:
        return f"{name} was missing"
    if not shows(table, shown):
        return f"{name} {_what_it_shows(table, shown)}"
    if wanted.as_declared and not covers(table, current_table(shown)):
        return f"{name} had other columns or settings"
    return None


def shows(entry: Mapping[str, Any], shown: PublishedTable) -> bool:
    """Whether a table or partition has the location and run id of this publication. Columns are not compared."""
    location = entry.get("StorageDescriptor", {}).get("Location")
    run_id = entry.get("Parameters", {}).get(RUN_PARAMETER)
    return (location, run_id) == (shown.location, shown.publication.run_id)


def _what_it_shows(table: Mapping[str, Any], wanted: PublishedTable) -> str:
    run_id = table.get("Parameters", {}).get(RUN_PARAMETER)
    if run_id not in {None, wanted.publication.run_id}:
        return f"showed run {run_id}, and not {wanted.publication.run_id}"
    location = table.get("StorageDescriptor", {}).get("Location", "no location")
    return f"was at {location}, and not at {wanted.location}"


def _of_publication(table: SilverTable, publication: Publication) -> PublishedTable | None:
    return PublishedTable(table, publication) if table.name in publication.locations else None

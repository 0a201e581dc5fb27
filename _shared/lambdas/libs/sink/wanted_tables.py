"""What the catalog must have, by the manifest, and what differs from it. Pure."""

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
    """The silver tables of a dataset as they are configured now.

    Parameters
    ----------
    fingerprint
        Of the code and configuration that are deployed; ``None`` where that is not known. Only a publication of the
        same fingerprint is known to have the declared columns: of others, columns that are there are left alone.
    """

    tables: tuple[SilverTable, ...]
    fingerprint: str | None = None


@dataclass(frozen=True)
class WantedTable:
    """What the catalog must have of one silver table.

    Parameters
    ----------
    current
        What the current table shows; ``None`` where the current publication lacks it.
    versions
        What each partition of the versions table shows, by release date.
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
        """The table of the newest release that has it."""
        return self.versions[max(self.versions)]

    @property
    def newest_as_declared(self) -> bool:
        """Whether the newest release that has the table is known to have the declared columns."""
        return self.as_declared and self.newest == self.current

    @property
    def digest(self) -> str:
        """What tells this set of partitions from others."""
        lines = (f"{version} {shown.location}\n" for version, shown in sorted(self.versions.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def wanted_tables(manifest: Manifest, declared: Declarations) -> tuple[WantedTable, ...]:
    """Return what the catalog must have of each declared table."""
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
    """Return how tables differ from what the manifest says, one phrase for each; empty where all is well.

    Partitions are not looked at: a versions table tells by a parameter which publications it has been brought to.

    Parameters
    ----------
    found
        Tables of the database by name.
    """
    wanted = wanted_tables(manifest, declared)
    told = [phrase for one in wanted for phrase in (versions_difference(one, found), current_difference(one, found))]
    return tuple(phrase for phrase in told if phrase is not None)


def versions_difference(wanted: WantedTable, found: Mapping[str, Any]) -> str | None:
    """Return how the versions table differs, ``None`` where it does not."""
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
    """Return how the current table differs, ``None`` where it does not."""
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
    """Whether a table or partition shows this publication, whatever its columns are."""
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

"""Reconcile the catalog with the manifest, for a publication, a repair and a failed publication.

Glue changes one table at a time. Partitions of the versions tables are changed first, because readers of the current
tables do not see them. Then the current tables are switched one directly after the other. Tables that the current
publication lacks are deleted last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from _shared.contracts.errors import ManifestConflictError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.run import manifest as manifests
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.sink.table_inputs import (
    PublishedTable,
    current_table,
    version_partition,
    versions_table_of,
)
from _shared.lambdas.libs.sink.wanted_tables import (
    Declarations,
    WantedTable,
    current_difference,
    differences,
    shows,
    versions_difference,
    wanted_tables,
)

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import PartitionTypeDef, TableInputTypeDef, TableTypeDef

    Partitions = Mapping[tuple[str, ...], PartitionTypeDef]

_ROUNDS = 5


@dataclass(frozen=True)
class Followed:
    """Result of a reconciliation.

    Parameters
    ----------
    manifest
        The manifest that the catalog matches; ``None`` before the first publication.
    repaired
        Differences that were repaired, one phrase for each table.
    """

    manifest: Manifest | None
    repaired: tuple[str, ...] = ()


def follow_manifest(storage: LakeStorage, catalog: Catalog, dataset: str, declared: Declarations) -> Followed:
    """Reconcile the catalog with the stored manifest, and repeat this if the manifest has changed in the meantime.

    The last writer to the catalog therefore always applies the latest manifest, also with concurrent runs.

    Raises
    ------
    ManifestConflictError
        The manifest was replaced in every round.
    """
    repaired: list[str] = []
    for _ in range(_ROUNDS):
        loaded = manifests.load(storage, dataset)
        if loaded.manifest is None:
            return Followed(None)
        repaired += reconcile(loaded.manifest, declared, catalog)
        now = storage.head(manifest_key(dataset))
        if now is not None and now.etag == loaded.etag:
            return Followed(loaded.manifest, tuple(repaired))
    msg = f"{storage.address(manifest_key(dataset))}: was replaced by others in each of {_ROUNDS} rounds"
    raise ManifestConflictError(msg, "nothing was lost: the next attempt brings the catalog to the manifest")


def reconcile(manifest: Manifest, declared: Declarations, catalog: Catalog) -> tuple[str, ...]:
    """Make the catalog match the manifest, and return the differences. Idempotent.

    Table parameters that others have added are kept.
    """
    found = catalog.tables()
    repaired = list(differences(manifest, declared, found))
    wanted = wanted_tables(manifest, declared)
    registered: dict[str, Partitions] = {}
    for one in wanted:
        if one.versions:
            known = catalog.partitions(one.versions_name) if one.versions_name in found else {}
            repaired += _reconcile_versions(one, found.get(one.versions_name), known, catalog)
            registered[one.table.name] = known
    for one in wanted:
        if one.current is not None and current_difference(one, found):
            shown = _with_recorded_columns(one, one.current, registered.get(one.table.name, {}))
            _write(catalog, current_table(shown), found.get(one.table.name))
    for one in wanted:
        if one.current is None and one.table.name in found:
            catalog.delete_table(one.table.name)
    return tuple(repaired)


def _reconcile_versions(
    wanted: WantedTable, table: TableTypeDef | None, registered: Partitions, catalog: Catalog
) -> list[str]:
    """Make a versions table and its partitions match, and return the differences of the partitions.

    A partition with the right publication keeps its columns, because they are the columns of that publication. The
    digest of the publications is written to the table last, after the partitions.
    """
    name = wanted.versions_name
    if table is None:
        catalog.create_table(versions_table_of(wanted.newest, ""))
    keys = {(version,): shown for version, shown in wanted.versions.items()}
    missing = {key: shown for key, shown in keys.items() if key not in registered}
    other = {key: shown for key, shown in keys.items() if key in registered and not shows(registered[key], shown)}
    surplus = sorted(registered.keys() - keys.keys())
    catalog.create_partitions(name, [version_partition(shown) for shown in missing.values()])
    catalog.update_partitions(name, [version_partition(shown) for shown in other.values()])
    catalog.delete_partitions(name, surplus)
    if versions_difference(wanted, {} if table is None else {name: table}):
        _write(catalog, _versions_entry(wanted, table), table or {"Name": name})
    groups = (("lacked", missing), ("had another publication of", other), ("had, without a publication,", surplus))
    return [
        f"{name} {what} version {', '.join('/'.join(key) for key in versions)}"
        for what, versions in groups
        if versions and table is not None
    ]


def _versions_entry(wanted: WantedTable, table: TableTypeDef | None) -> TableInputTypeDef:
    newest = wanted.newest
    if table is not None and not wanted.newest_as_declared:
        newest = PublishedTable(newest.table, newest.publication, table.get("StorageDescriptor", {}).get("Columns"))
    return versions_table_of(newest, wanted.digest)


def _with_recorded_columns(wanted: WantedTable, shown: PublishedTable, registered: Partitions) -> PublishedTable:
    """Use the columns of the publication's partition if the declared columns may have changed since."""
    partition = registered.get((shown.publication.version,))
    if wanted.as_declared or partition is None or not shows(partition, shown):
        return shown
    return PublishedTable(shown.table, shown.publication, partition.get("StorageDescriptor", {}).get("Columns"))


def _write(catalog: Catalog, wanted: TableInputTypeDef, found: TableTypeDef | None) -> None:
    if found is None:
        catalog.create_table(wanted)
    else:
        catalog.update_table({**wanted, "Parameters": {**found.get("Parameters", {}), **wanted.get("Parameters", {})}})

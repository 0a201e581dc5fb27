"""Build catalog entries of published tables that all query engines can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from _shared.contracts.dataset import SilverTable
from _shared.contracts.layout import silver_table_prefix
from _shared.contracts.manifest import Publication
from _shared.contracts.naming import versions_table

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        ColumnOutputTypeDef,
        ColumnTypeDef,
        PartitionInputTypeDef,
        StorageDescriptorUnionTypeDef,
        TableInputTypeDef,
    )

VERSION_KEY = "version"
RUN_PARAMETER = "run_id"
PUBLICATIONS_PARAMETER = "publications"
"""Parameter of a versions table: digest of the publications that it has partitions for."""

_INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
_OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@dataclass(frozen=True)
class PublishedTable:
    """One table of one publication.

    Parameters
    ----------
    table
        Declared name, description and columns.
    columns
        Columns that the catalog has for this publication; ``None`` to use the declared columns.
    """

    table: SilverTable
    publication: Publication
    columns: Sequence[ColumnTypeDef | ColumnOutputTypeDef] | None = None

    @property
    def location(self) -> str:
        """S3 address of the table's Parquet files, ending in ``/``."""
        return self.publication.locations[self.table.name]


def current_table(shown: PublishedTable) -> TableInputTypeDef:
    """Build the entry of a current table. A publication switches its location."""
    return {
        "Name": shown.table.name,
        "Description": shown.table.description,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [],
        "StorageDescriptor": _storage(shown, shown.location),
        "Parameters": {**_parameters(), **_publication_parameters(shown)},
    }


def versions_table_of(newest: PublishedTable, publications: str) -> TableInputTypeDef:
    """Build the entry of a versions table, which has one partition per release date.

    Parameters
    ----------
    newest
        The newest table, whose columns the versions table gets.
    publications
        Digest of the publications that it has partitions for; empty before the partitions are created.
    """
    comment = "Release date of the version, YYYY-MM-DD"
    return {
        "Name": versions_table(newest.table.name),
        "Description": f"{newest.table.description}; every published version",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": VERSION_KEY, "Type": "string", "Comment": comment}],
        "StorageDescriptor": _storage(newest, _root(newest)),
        "Parameters": {**_parameters(), PUBLICATIONS_PARAMETER: publications},
    }


def version_partition(shown: PublishedTable) -> PartitionInputTypeDef:
    """Build the entry of a publication's partition in the versions table."""
    return {
        "Values": [shown.publication.version],
        "StorageDescriptor": _storage(shown, shown.location),
        "Parameters": {"classification": "parquet", **_publication_parameters(shown)},
    }


def covers(found: object, wanted: object) -> bool:
    """Whether an entry contains all wanted values; additional ones are ignored."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and covers(found[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(covers(one, other) for one, other in zip(found, wanted, strict=True))
        )
    return found == wanted


def _root(newest: PublishedTable) -> str:
    prefix = silver_table_prefix(newest.table.name)
    return newest.location[: newest.location.index(prefix) + len(prefix)]


def _columns(shown: PublishedTable) -> Sequence[ColumnTypeDef | ColumnOutputTypeDef]:
    if shown.columns is not None:
        return shown.columns
    return [{"Name": column.name, "Type": column.type, "Comment": column.comment} for column in shown.table.columns]


def _storage(shown: PublishedTable, location: str) -> StorageDescriptorUnionTypeDef:
    # Trino rejects a storage descriptor without these empty settings.
    return {
        "Columns": _columns(shown),
        "Location": location,
        "InputFormat": _INPUT_FORMAT,
        "OutputFormat": _OUTPUT_FORMAT,
        "SerdeInfo": {"SerializationLibrary": _SERDE, "Parameters": {"serialization.format": "1"}},
        "Compressed": False,
        "NumberOfBuckets": 0,
        "BucketColumns": [],
        "SortColumns": [],
        "StoredAsSubDirectories": False,
        "Parameters": {"classification": "parquet"},
    }


def _parameters() -> dict[str, str]:
    return {"EXTERNAL": "TRUE", "classification": "parquet"}


def _publication_parameters(shown: PublishedTable) -> dict[str, str]:
    publication = shown.publication
    return {
        "version": publication.version,
        RUN_PARAMETER: publication.run_id,
        "recordCount": str(publication.row_counts.get(shown.table.name, 0)),
    }

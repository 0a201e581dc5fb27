"""Catalog entries of published tables, as every engine reads them."""

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
"""Parameter of a versions table: digest of the publications whose partitions it has."""

_INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
_OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@dataclass(frozen=True)
class PublishedTable:
    """One table of one publication.

    Parameters
    ----------
    table
        Name, description and columns, as declared.
    columns
        Columns as the catalog has recorded them for this publication; ``None`` for those declared.
    """

    table: SilverTable
    publication: Publication
    columns: Sequence[ColumnTypeDef | ColumnOutputTypeDef] | None = None

    @property
    def location(self) -> str:
        """S3 address of its Parquet, ending in ``/``."""
        return self.publication.locations[self.table.name]


def current_table(shown: PublishedTable) -> TableInputTypeDef:
    """Return the table that shows one publication: its location is what is switched."""
    return {
        "Name": shown.table.name,
        "Description": shown.table.description,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [],
        "StorageDescriptor": _storage(shown, shown.location),
        "Parameters": {**_parameters(), **_publication_parameters(shown)},
    }


def versions_table_of(newest: PublishedTable, publications: str) -> TableInputTypeDef:
    """Return the table that has a partition for every release date.

    Parameters
    ----------
    newest
        Whose columns the table has.
    publications
        Digest of the publications whose partitions it has, empty where it does not have them yet.
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
    """Return a publication's partition of the versions table."""
    return {
        "Values": [shown.publication.version],
        "StorageDescriptor": _storage(shown, shown.location),
        "Parameters": {"classification": "parquet", **_publication_parameters(shown)},
    }


def covers(found: object, wanted: object) -> bool:
    """Whether everything that is wanted is there already; more may be."""
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
    # The empty settings are spelt out because Trino refuses a descriptor without them.
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

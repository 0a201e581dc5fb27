"""The Glue Data Catalog: the one adapter to it. What the entries are to be is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.exceptions import ClientError

from _shared.contracts.errors import CatalogBusyError, CatalogRejectedError
from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws.service_errors import code_of, named_errors

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import PartitionInputTypeDef, PartitionTypeDef, TableInputTypeDef, TableTypeDef

Entry = TypeVar("Entry")

_ABSENT = "EntityNotFoundException"
_ALREADY_THERE = "AlreadyExistsException"
_LOOK_AGAIN = {_ALREADY_THERE, _ABSENT, "InternalServiceException", "OperationTimeoutException"}
"""Somebody else was quicker, the answer to an attempt that did it was lost, or the service failed."""

_MOST_WRITTEN = 100
"""Partitions in one batch request, by Glue's limit."""


class Catalog:
    """Tables and partitions of one database, through a Glue client."""

    def __init__(self, client: GlueClient, database: str) -> None:
        self._client = client
        self.database = database

    @classmethod
    def connect(cls, database: str) -> Catalog:
        """Open a database with the function's own role."""
        return cls(boto3.client("glue", config=CLIENT_CONFIG), database)

    def tables(self) -> dict[str, TableTypeDef]:
        """Return every table of the database by name: one request for each hundred."""
        with self._errors("GetTables", "*"):
            pages = self._client.get_paginator("get_tables").paginate(DatabaseName=self.database)
            return {table["Name"]: table for page in pages for table in page["TableList"]}

    def create_table(self, wanted: TableInputTypeDef) -> None:
        """Create a table.

        Raises
        ------
        CatalogBusyError
            It is there already: look again.
        """
        with self._errors("CreateTable", wanted["Name"]):
            try:
                self._client.create_table(DatabaseName=self.database, TableInput=wanted)
            except ClientError as error:
                if code_of(error) != _ALREADY_THERE:
                    raise
                what = f"glue:CreateTable {self.database}.{wanted['Name']}: {_ALREADY_THERE}"
                raise CatalogBusyError(what) from error

    def update_table(self, wanted: TableInputTypeDef) -> None:
        """Replace a table's entry: for readers, one atomic step."""
        with self._errors("UpdateTable", wanted["Name"]):
            self._client.update_table(DatabaseName=self.database, TableInput=wanted)

    def delete_table(self, name: str) -> None:
        """Take a table out of the catalog, if it is there; what lies at its location stays."""
        with self._errors("DeleteTable", name):
            try:
                self._client.delete_table(DatabaseName=self.database, Name=name)
            except ClientError as error:
                if code_of(error) != _ABSENT:
                    raise

    def partitions(self, table: str) -> dict[tuple[str, ...], PartitionTypeDef]:
        """Return every partition of a table by its values."""
        with self._errors("GetPartitions", table):
            pages = self._client.get_paginator("get_partitions").paginate(DatabaseName=self.database, TableName=table)
            return {tuple(entry.get("Values", ())): entry for page in pages for entry in page["Partitions"]}

    def create_partitions(self, table: str, wanted: Sequence[PartitionInputTypeDef]) -> None:
        """Register partitions."""
        for batch in _batches(wanted):
            with self._errors("BatchCreatePartition", table):
                answer = self._client.batch_create_partition(
                    DatabaseName=self.database, TableName=table, PartitionInputList=batch
                )
            self._refuse("BatchCreatePartition", table, answer)

    def update_partitions(self, table: str, wanted: Sequence[PartitionInputTypeDef]) -> None:
        """Replace the entries of partitions."""
        for batch in _batches(wanted):
            with self._errors("BatchUpdatePartition", table):
                answer = self._client.batch_update_partition(
                    DatabaseName=self.database,
                    TableName=table,
                    Entries=[{"PartitionValueList": list(one["Values"]), "PartitionInput": one} for one in batch],
                )
            self._refuse("BatchUpdatePartition", table, answer)

    def delete_partitions(self, table: str, values: Sequence[tuple[str, ...]]) -> None:
        """Take partitions out of the catalog, those that are there; what lies at their locations stays."""
        for one in values:
            with self._errors("DeletePartition", table):
                try:
                    self._client.delete_partition(
                        DatabaseName=self.database, TableName=table, PartitionValues=list(one)
                    )
                except ClientError as error:
                    if code_of(error) != _ABSENT:
                        raise

    def _refuse(self, action: str, table: str, answer: Mapping[str, Any]) -> None:
        """Raise what a batch request reports inside a successful answer."""
        for error in answer.get("Errors", []):
            detail = error.get("ErrorDetail", {})
            code = detail.get("ErrorCode", "")
            what = f"glue:{action} {self.database}.{table}: {code}: {detail.get('ErrorMessage', '')}"
            raise CatalogBusyError(what) if code in _LOOK_AGAIN else CatalogRejectedError(what)

    def _errors(self, action: str, table: str) -> AbstractContextManager[None]:
        return named_errors(f"glue:{action}", f"{self.database}.{table}", CatalogBusyError, CatalogRejectedError)


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    left = iter(entries)
    while batch := list(islice(left, _MOST_WRITTEN)):
        yield batch

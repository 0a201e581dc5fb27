"""Adapter to the Glue Data Catalog. :mod:`_shared.lambdas.libs.sink` decides what the entries contain."""

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
"""Errors after which a retry can succeed: a concurrent change, a lost response, or a failure of the service."""

_MOST_WRITTEN = 100
"""Glue's limit of partitions in one batch request."""


class Catalog:
    """Tables and partitions of one database."""

    def __init__(self, client: GlueClient, database: str) -> None:
        self._client = client
        self.database = database

    @classmethod
    def connect(cls, database: str) -> Catalog:
        """Create the adapter with the function's role."""
        return cls(boto3.client("glue", config=CLIENT_CONFIG), database)

    def tables(self) -> dict[str, TableTypeDef]:
        """Return all tables of the database by name; one request per 100 tables."""
        with self._errors("GetTables", "*"):
            pages = self._client.get_paginator("get_tables").paginate(DatabaseName=self.database)
            return {table["Name"]: table for page in pages for table in page["TableList"]}

    def create_table(self, wanted: TableInputTypeDef) -> None:
        """Create a table.

        Raises
        ------
        CatalogBusyError
            The table exists already.
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
        """Replace a table's entry; this is atomic for readers."""
        with self._errors("UpdateTable", wanted["Name"]):
            self._client.update_table(DatabaseName=self.database, TableInput=wanted)

    def delete_table(self, name: str) -> None:
        """Delete a table from the catalog if it exists; the files at its location stay."""
        with self._errors("DeleteTable", name):
            try:
                self._client.delete_table(DatabaseName=self.database, Name=name)
            except ClientError as error:
                if code_of(error) != _ABSENT:
                    raise

    def partitions(self, table: str) -> dict[tuple[str, ...], PartitionTypeDef]:
        """Return all partitions of a table by their values."""
        with self._errors("GetPartitions", table):
            pages = self._client.get_paginator("get_partitions").paginate(DatabaseName=self.database, TableName=table)
            return {tuple(entry.get("Values", ())): entry for page in pages for entry in page["Partitions"]}

    def register_partition(self, table: str, wanted: PartitionInputTypeDef) -> None:
        """Register a partition; one that exists stays as it is."""
        with self._errors("CreatePartition", table):
            try:
                self._client.create_partition(DatabaseName=self.database, TableName=table, PartitionInput=wanted)
            except ClientError as error:
                if code_of(error) != _ALREADY_THERE:
                    raise

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
        """Delete partitions from the catalog if they exist; the files at their locations stay."""
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
        """Raise an error that a batch request reports in a successful response."""
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

"""The Glue Data Catalog: the one adapter to it.

Each method brings an entry to a state and writes nothing where it is there already.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from _shared.lambdas.libs.aws_errors import code_of, named_errors
from _shared.lambdas.libs.errors import CatalogBusyError, CatalogRejectedError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import PartitionInputTypeDef, TableInputTypeDef

_ABSENT = "EntityNotFoundException"
_ALREADY_THERE = "AlreadyExistsException"


class Catalog:
    """Tables and partitions of one database, through a Glue client."""

    def __init__(self, client: GlueClient, database: str) -> None:
        self._client = client
        self.database = database

    @classmethod
    def connect(cls, database: str) -> Catalog:
        """Open a database with the function's own role."""
        retries = Config(retries={"mode": "standard", "max_attempts": 5})
        return cls(boto3.client("glue", config=retries), database)

    def ensure_table(self, wanted: TableInputTypeDef) -> bool:
        """Create the table, or change what differs: location, columns, parameters.

        Parameters that somebody else has added stay.

        Returns
        -------
        bool
            Whether anything was written.
        """
        name = wanted["Name"]
        found = self._table(name)
        if found is None:
            self._create(wanted)
            return True
        if covers(found, wanted):
            return False
        kept: TableInputTypeDef = {**wanted, "Parameters": {**found.get("Parameters", {}), **wanted["Parameters"]}}
        with self._errors("UpdateTable", name):
            self._client.update_table(DatabaseName=self.database, TableInput=kept)
        return True

    def drop_table(self, name: str) -> bool:
        """Take a table out of the catalog; what lies at its location stays.

        Returns
        -------
        bool
            Whether it was there.
        """
        if self._table(name) is None:
            return False
        with self._errors("DeleteTable", name):
            try:
                self._client.delete_table(DatabaseName=self.database, Name=name)
            except ClientError as error:
                # Somebody else was quicker, or the answer to an attempt that did it was lost.
                if code_of(error) != _ABSENT:
                    raise
        return True

    def ensure_partition(self, table: str, wanted: PartitionInputTypeDef) -> bool:
        """Register the partition, or switch it to another location.

        Returns
        -------
        bool
            Whether anything was written.
        """
        values = list(wanted["Values"])
        found = self._partition(table, values)
        if found is not None and covers(found, wanted):
            return False
        if found is None:
            action = "BatchCreatePartition"
            with self._errors(action, table):
                created = self._client.batch_create_partition(
                    DatabaseName=self.database, TableName=table, PartitionInputList=[wanted]
                )
            self._refuse(action, table, created.get("Errors", []))
            return True
        action = "BatchUpdatePartition"
        with self._errors(action, table):
            updated = self._client.batch_update_partition(
                DatabaseName=self.database,
                TableName=table,
                Entries=[{"PartitionValueList": values, "PartitionInput": wanted}],
            )
        self._refuse(action, table, updated.get("Errors", []))
        return True

    def _create(self, wanted: TableInputTypeDef) -> None:
        name = wanted["Name"]
        with self._errors("CreateTable", name):
            try:
                self._client.create_table(DatabaseName=self.database, TableInput=wanted)
            except ClientError as error:
                if code_of(error) != _ALREADY_THERE:
                    raise
                # Somebody else was quicker, or the answer to an attempt that did it was lost: look again.
                what = f"glue:CreateTable {self.database}.{name}: {_ALREADY_THERE}"
                raise CatalogBusyError(what) from error

    def _table(self, name: str) -> Mapping[str, Any] | None:
        with self._errors("GetTable", name):
            try:
                return self._client.get_table(DatabaseName=self.database, Name=name)["Table"]
            except ClientError as error:
                # Where it is the database that is absent, creating the table is refused.
                if code_of(error) == _ABSENT:
                    return None
                raise

    def _partition(self, table: str, values: list[str]) -> Mapping[str, Any] | None:
        with self._errors("GetPartition", table):
            try:
                answer = self._client.get_partition(DatabaseName=self.database, TableName=table, PartitionValues=values)
                return answer["Partition"]
            except ClientError as error:
                if code_of(error) == _ABSENT:
                    return None
                raise

    def _refuse(self, action: str, table: str, errors: list[Any]) -> None:
        """Raise what a batch request reports inside a successful answer."""
        for error in errors:
            detail = error.get("ErrorDetail", {})
            code = detail.get("ErrorCode", "")
            what = f"glue:{action} {self.database}.{table}: {code}: {detail.get('ErrorMessage', '')}"
            # Somebody else was quicker, or the service failed: look again and decide anew.
            if code in {_ALREADY_THERE, _ABSENT, "InternalServiceException", "OperationTimeoutException"}:
                raise CatalogBusyError(what)
            raise CatalogRejectedError(what)

    def _errors(self, action: str, table: str) -> AbstractContextManager[None]:
        return named_errors(f"glue:{action}", f"{self.database}.{table}", CatalogBusyError, CatalogRejectedError)


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

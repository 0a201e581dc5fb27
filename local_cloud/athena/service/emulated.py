"""The emulator's Glue catalog and S3, in this process, as the caller may see them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from ministack.services import glue, s3

from local_cloud.athena.engine.object_cache import LakeObject
from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.service import access
from local_cloud.athena.tables.catalog import Table, table_from_glue

_HTTP_OK = 200


class EmulatedCatalog:
    """MiniStack's Glue catalog, read with the caller's permissions."""

    def databases(self) -> list[str]:
        """Names of all databases, sorted."""
        access.require_catalog("glue:GetDatabases")
        return sorted(str(name).lower() for name in glue._databases)

    def tables(self, database: str) -> list[str] | None:
        """Names of a database's tables, sorted; None when there is no such database."""
        access.require_catalog("glue:GetTables", f"database/{database}", f"table/{database}/*")
        if database not in {str(name).lower() for name in glue._databases}:
            return None
        return sorted(name for owner, name in map(_split_key, glue._tables) if owner == database)

    def table(self, database: str, name: str) -> Table | None:
        """One table with its partitions, or None."""
        access.require_table(database, name, "glue:GetTable")
        for key, document in list(glue._tables.items()):
            if _split_key(key) != (database, name):
                continue
            partitions: list[dict[str, Any]] = []
            if document.get("PartitionKeys"):
                access.require_table(database, name, "glue:GetPartitions")
                partitions = list(glue._partitions.get(key) or ())
            return table_from_glue({**document, "DatabaseName": database}, partitions)
        return None

    def put_view(self, database: str, table_input: dict[str, Any], *, replace: bool) -> None:
        """Create a view, or replace the one of its name."""
        access.require_table(database, table_input["Name"], "glue:UpdateTable" if replace else "glue:CreateTable")
        change = glue._update_table if replace else glue._create_table
        _changed(change({"DatabaseName": database, "TableInput": table_input}))

    def drop_view(self, database: str, name: str) -> None:
        """Delete a view."""
        access.require_table(database, name, "glue:DeleteTable")
        _changed(glue._delete_table({"DatabaseName": database, "Name": name}))


class EmulatedStore:
    """MiniStack's S3, read with the caller's permissions."""

    def list_objects(self, bucket: str, prefix: str) -> list[LakeObject]:
        """All objects below a prefix."""
        access.require_listing(bucket, prefix)
        held = s3._buckets.get(bucket)
        if held is None:
            raise QueryError(ErrorName.HIVE_METASTORE_ERROR, f"the bucket of s3://{bucket}/{prefix} does not exist")
        return [
            LakeObject(bucket, key, str(document["etag"]), int(document["size"]))
            for key, document in list(held["objects"].items())
            if key.startswith(prefix)
        ]

    def read(self, item: LakeObject) -> bytes:
        """Content of an object."""
        content = s3._get_object_data(item.bucket, item.key)
        if content is None:
            raise QueryError(
                ErrorName.HIVE_CANNOT_OPEN_SPLIT, f"{item.url} does not exist any more; run the query again"
            )
        return bytes(content)

    def require_readable(self, item: LakeObject) -> None:
        """Check that the caller may read an object."""
        access.require_object("s3:GetObject", item.bucket, item.key)


def write_object(bucket: str, key: str, content: bytes, content_type: str, headers: dict[str, str]) -> None:
    """Put an object of the result, as the caller.

    Raises
    ------
    QueryError
        When the caller may not, or S3 refuses.
    """
    access.require_object("s3:PutObject", bucket, key)
    sent = {"content-type": content_type, "content-length": str(len(content)), **headers}
    status, _, body = s3._put_object(bucket, key, content, sent)
    if status != _HTTP_OK:
        root = ET.fromstring(body)  # noqa: S314 - the emulator's own answer
        cause = f"{root.findtext('Code')}: {root.findtext('Message')}"
        raise QueryError(ErrorName.OUTPUT_LOCATION, f"Unable to write the result to s3://{bucket}/{key}. {cause}")


def _changed(answer: tuple[int, Any, bytes]) -> None:
    if answer[0] != _HTTP_OK:
        raise QueryError(ErrorName.HIVE_METASTORE_ERROR, str(json.loads(answer[2]).get("message")))


def _split_key(key: object) -> tuple[str, str]:
    database, _, name = str(key).partition("/")
    return database.lower(), name.lower()

"""Views in Athena's own encoding, which Trino reads too: base64 of JSON in the table's ``ViewOriginalText``."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from local_cloud.athena.errors import ErrorName, NotSupportedError, QueryError

_ENCODED = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
# Arrow's test, Trino's name, and Hive's, which the catalog has.
_SIMPLE = (
    (pa.types.is_boolean, "boolean", "boolean"),
    (pa.types.is_int8, "tinyint", "tinyint"),
    (pa.types.is_int16, "smallint", "smallint"),
    (pa.types.is_int32, "integer", "int"),
    (pa.types.is_integer, "bigint", "bigint"),
    (pa.types.is_float32, "real", "float"),
    (pa.types.is_floating, "double", "double"),
    (pa.types.is_date, "date", "date"),
    (pa.types.is_timestamp, "timestamp(3)", "timestamp"),
    (pa.types.is_binary, "varbinary", "binary"),
    (pa.types.is_string, "varchar", "string"),
)


@dataclass(frozen=True)
class View:
    """A view: its query, where the query's bare names belong, and the names and Trino types of its columns."""

    sql: str
    database: str
    columns: tuple[tuple[str, str], ...]


def decode(glue_table: Mapping[str, Any]) -> View:
    """Read a view of the catalog.

    Raises
    ------
    QueryError
        ``NOT_SUPPORTED`` for a view of Hive or Spark, ``INVALID_VIEW`` for one that is damaged.
    """
    found = _ENCODED.fullmatch(str(glue_table.get("ViewOriginalText") or "").strip())
    if found is None:
        what = f"view '{glue_table['Name']}', which neither Athena nor Trino made,"
        raise NotSupportedError(what)
    try:
        content = json.loads(base64.b64decode(found[1], validate=True))
        columns = tuple((str(column["name"]), str(column["type"])) for column in content["columns"])
        return View(str(content["originalSql"]), str(content["schema"]).lower(), columns)
    except (KeyError, TypeError, ValueError) as error:
        message = f"view '{glue_table['Name']}' cannot be decoded; create it again"
        raise QueryError(ErrorName.INVALID_VIEW, message) from error


def encode(name: str, sql: str, database: str, schema: pa.Schema) -> dict[str, Any]:
    """Return the ``TableInput`` of a view, which runs with the rights of its reader, as on Athena."""
    columns = [(field.name, *type_names(field.type)) for field in schema]
    content = {
        "originalSql": sql, "catalog": "awsdatacatalog", "schema": database, "runAsInvoker": True, "path": [],
        "columns": [{"name": column, "type": trino} for column, trino, _ in columns],
    }  # fmt: skip
    encoded = base64.b64encode(json.dumps(content).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": hive} for column, _, hive in columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": "/* Presto View */",
    }


def named_columns(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    """Give the columns of a view's query their names.

    Raises
    ------
    QueryError
        For a column without a name or type, or with the name of another.
    """
    lower = [name.lower() for name in names]
    for index, (name, field) in enumerate(zip(lower, schema, strict=True)):
        if name == f"_col{index}":
            message = f"line 1:1: Column name not specified at position {index + 1}"
            raise QueryError(ErrorName.MISSING_COLUMN_NAME, message)
        if name in lower[:index]:
            message = f"line 1:1: Column name '{name}' specified more than once"
            raise QueryError(ErrorName.DUPLICATE_COLUMN_NAME, message)
        if pa.types.is_null(field.type):
            raise QueryError(ErrorName.COLUMN_TYPE_UNKNOWN, f"line 1:1: Column type is unknown at position {index + 1}")
    return pa.schema([field.with_name(name) for name, field in zip(lower, schema, strict=True)])


def type_names(kind: pa.DataType) -> tuple[str, str]:
    """Trino's and Hive's name of a type.

    Raises
    ------
    QueryError
        ``NOT_SUPPORTED`` for a type that the catalog cannot hold, such as an interval.
    """
    if pa.types.is_decimal(kind):
        text = f"decimal({kind.precision},{kind.scale})"
        return text, text
    if pa.types.is_map(kind):
        pairs = [type_names(kind.key_type), type_names(kind.item_type)]
    elif pa.types.is_list(kind):
        pairs = [type_names(kind.value_type)]
    elif pa.types.is_struct(kind):
        pairs = [type_names(field.type) for field in kind]
        names = [field.name for field in kind]
        trino = ", ".join(f"{name} {pair[0]}" for name, pair in zip(names, pairs, strict=True))
        hive = ",".join(f"{name}:{pair[1]}" for name, pair in zip(names, pairs, strict=True))
        return f"row({trino})", f"struct<{hive}>"
    else:
        simple = next((found[1:] for found in _SIMPLE if found[0](kind)), None)
        if simple is None:
            what = f"a view's column of type {kind}"
            raise NotSupportedError(what)
        return simple
    name = "map" if pa.types.is_map(kind) else "array"
    return f"{name}({', '.join(pair[0] for pair in pairs)})", f"{name}<{','.join(pair[1] for pair in pairs)}>"

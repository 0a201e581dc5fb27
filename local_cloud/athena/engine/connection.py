"""DuckDB, shut in: it sees the files of one query and nothing else of the machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from local_cloud.athena.errors import TOO_DEEP, ErrorName, QueryError
from local_cloud.athena.sql.macros import MACROS

MEMORY_LIMIT_MB = 2048
"""What one query may take of the machine, as far as the engine counts it."""

RESULT_LIMIT_BYTES = 512 * 1024**2
"""What the result of one query may take."""

THREADS = 2
_BATCH_ROWS = 100_000
_RAISED = re.compile(r"string '([A-Z][A-Z_]+): (.*);' to BOOL", re.DOTALL)
_ERRORS = (
    ("Max expression depth limit", ErrorName.STACK_OVERFLOW, TOO_DEEP),
    ("Division by zero", ErrorName.DIVISION_BY_ZERO, "Division by zero"),
    ("must appear in the GROUP BY", ErrorName.EXPRESSION_NOT_AGGREGATE, ""),
    ("More than one row returned", ErrorName.SUBQUERY_MULTIPLE_ROWS, "Scalar sub-query has returned multiple rows"),
    ("Could not parse string", ErrorName.INVALID_FUNCTION_ARGUMENT, ""),
    ("Map keys must be unique", ErrorName.INVALID_FUNCTION_ARGUMENT, "Duplicate map keys are not allowed"),
    ("invalid perl operator", ErrorName.NOT_SUPPORTED, "the local Athena's regular expressions have no look-around"),
    ("aggregate function calls cannot be nested", ErrorName.NESTED_AGGREGATION, "Cannot nest aggregations"),
    ("clause cannot contain aggregates", ErrorName.EXPRESSION_NOT_SCALAR, ""),
    ("No function matches the given name and argument types", ErrorName.FUNCTION_NOT_FOUND, ""),
    ("Could not choose a best candidate function", ErrorName.FUNCTION_NOT_FOUND, ""),
    ("value is out of range for the destination type", ErrorName.NUMERIC_VALUE_OUT_OF_RANGE, ""),
    ("Conversion Error", ErrorName.INVALID_CAST_ARGUMENT, ""),
    ("Out of Range Error", ErrorName.NUMERIC_VALUE_OUT_OF_RANGE, ""),
    ("Binder Error", ErrorName.TYPE_MISMATCH, ""),
    ("Parser Error", ErrorName.SYNTAX_ERROR, ""),
)
_OUT_OF_MEMORY = ("Out of Memory", "bad allocation", "std::bad_alloc", "maximum object size")
_UNREADABLE = ("Parquet", "TProtocolException", "know what type", "Snappy", "decompress", "Corrupt", "ZSTD", "GZip")


def connect(files: Sequence[Path]) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that can read only ``files``, and whose settings nobody can change."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT_MB}MB'")
    connection.execute(f"SET threads = {THREADS}")
    connection.execute("SET temp_directory = ''")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET allowed_paths = [{', '.join(literal(str(path)) for path in files)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    connection.execute(MACROS)
    return connection


def create_view(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Make the view that stands for a table reference.

    Raises
    ------
    QueryError
        When DuckDB cannot read the files as the table declares them.
    """
    try:
        connection.execute(sql)
    except duckdb.Error as error:
        raise explain(error) from error


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Run one translated query to its end.

    Raises
    ------
    QueryError
        With Athena's name for the failure, so far as it has one.
    """
    try:
        return _read(connection.sql(sql).to_arrow_reader(_BATCH_ROWS))
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if isinstance(error, duckdb.InterruptException) or "INTERRUPT" in str(error):
            raise QueryError(ErrorName.USER_CANCELED, "Query was cancelled by user") from error
        raise explain(error) from error


def _read(reader: pa.RecordBatchReader) -> pa.Table:
    """Read a result as it is made, so that one that is too large ends before it is whole."""
    batches, size = [], 0
    for batch in reader:
        size += batch.nbytes
        if size > RESULT_LIMIT_BYTES:
            message = f"the local Athena's results have at most {RESULT_LIMIT_BYTES} bytes; add a LIMIT, or aggregate"
            raise QueryError(ErrorName.EXCEEDED_LOCAL_MEMORY_LIMIT, message)
        batches.append(batch)
    return pa.Table.from_batches(batches, reader.schema)


def explain(error: Exception) -> QueryError:
    """Name one of DuckDB's errors as Athena would."""
    text = str(error)
    raised = _RAISED.search(text)
    if raised:
        return QueryError(ErrorName(raised.group(1)), raised.group(2))
    first = text.splitlines()[0] if text else type(error).__name__
    if any(mark in text for mark in _OUT_OF_MEMORY):
        message = f"Query exhausted resources at this scale factor ({MEMORY_LIMIT_MB} MB in the local Athena)"
        return QueryError(ErrorName.EXCEEDED_LOCAL_MEMORY_LIMIT, message)
    if any(mark in text for mark in _UNREADABLE):
        return QueryError(ErrorName.HIVE_CURSOR_ERROR, "Failed to read a Parquet file of the table: it is damaged")
    for mark, error_name, message in _ERRORS:
        if mark in text:
            return QueryError(error_name, message or first.split(": ", 1)[-1])
    return QueryError(ErrorName.GENERIC_INTERNAL_ERROR, first)


def literal(text: str) -> str:
    """Quote a string for SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'

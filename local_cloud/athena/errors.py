"""How a query fails: Athena's error names, in the form that ``StateChangeReason`` shows."""

from __future__ import annotations

from enum import StrEnum

from _shared.contracts.errors import TerminalError
from _shared.contracts.messages import LONGEST_MESSAGE, shortened

TOO_DEEP = "statement is too large (stack overflow during analysis)"


class ErrorName(StrEnum):
    """Names of the errors, as Athena and Trino have them."""

    ACCESS_DENIED = "ACCESS_DENIED"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    AMBIGUOUS_NAME = "AMBIGUOUS_NAME"
    CANCELLED = "CANCELLED"
    CATALOG_NOT_FOUND = "CATALOG_NOT_FOUND"
    COLUMN_NOT_FOUND = "COLUMN_NOT_FOUND"
    COLUMN_TYPE_UNKNOWN = "COLUMN_TYPE_UNKNOWN"
    DIVISION_BY_ZERO = "DIVISION_BY_ZERO"
    DUPLICATE_COLUMN_NAME = "DUPLICATE_COLUMN_NAME"
    EXCEEDED_LOCAL_MEMORY_LIMIT = "EXCEEDED_LOCAL_MEMORY_LIMIT"
    EXPRESSION_NOT_AGGREGATE = "EXPRESSION_NOT_AGGREGATE"
    EXPRESSION_NOT_SCALAR = "EXPRESSION_NOT_SCALAR"
    FUNCTION_NOT_FOUND = "FUNCTION_NOT_FOUND"
    GENERIC_INTERNAL_ERROR = "GENERIC_INTERNAL_ERROR"
    HIVE_BAD_DATA = "HIVE_BAD_DATA"
    HIVE_CANNOT_OPEN_SPLIT = "HIVE_CANNOT_OPEN_SPLIT"
    HIVE_CURSOR_ERROR = "HIVE_CURSOR_ERROR"
    HIVE_INVALID_METADATA = "HIVE_INVALID_METADATA"
    HIVE_METASTORE_ERROR = "HIVE_METASTORE_ERROR"
    INVALID_CAST_ARGUMENT = "INVALID_CAST_ARGUMENT"
    INVALID_COLUMN_REFERENCE = "INVALID_COLUMN_REFERENCE"
    INVALID_FUNCTION_ARGUMENT = "INVALID_FUNCTION_ARGUMENT"
    INVALID_PARAMETER_USAGE = "INVALID_PARAMETER_USAGE"
    INVALID_TABLE = "INVALID_TABLE"
    INVALID_VIEW = "INVALID_VIEW"
    MISMATCHED_COLUMN_ALIASES = "MISMATCHED_COLUMN_ALIASES"
    MISSING_COLUMN_NAME = "MISSING_COLUMN_NAME"
    NESTED_AGGREGATION = "NESTED_AGGREGATION"
    NOT_FOUND = "NOT_FOUND"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    NUMERIC_VALUE_OUT_OF_RANGE = "NUMERIC_VALUE_OUT_OF_RANGE"
    OUTPUT_LOCATION = "OUTPUT_LOCATION"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    SCHEMA_NOT_FOUND = "SCHEMA_NOT_FOUND"
    STACK_OVERFLOW = "STACK_OVERFLOW"
    SUBQUERY_MULTIPLE_ROWS = "SUBQUERY_MULTIPLE_ROWS"
    SYNTAX_ERROR = "SYNTAX_ERROR"
    TABLE_NOT_FOUND = "TABLE_NOT_FOUND"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    USER_CANCELED = "USER_CANCELED"
    VIEW_IS_STALE = "VIEW_IS_STALE"


class QueryError(TerminalError):
    """A query that Athena would refuse, or that the local Athena cannot answer.

    Parameters
    ----------
    name
        Athena's error name, such as ``COLUMN_NOT_FOUND``.
    message
        What is wrong, beginning with ``line L:C:`` where the place is known.
    """

    def __init__(self, name: ErrorName, message: str) -> None:
        self.name = name
        self.message = shortened(message, LONGEST_MESSAGE - len(f"{name}: "))
        super().__init__(f"{name}: {self.message}")

    def __reduce__(self) -> tuple[type[QueryError], tuple[ErrorName, str]]:
        """Pickle by constructor arguments."""
        return type(self), (self.name, self.message)


class ScanLimitExceededError(QueryError):
    """The query would scan more than the work group's ``BytesScannedCutoffPerQuery``."""

    def __init__(self, needed: int, limit: int) -> None:
        self.needed = needed
        self.limit = limit
        super().__init__(ErrorName.CANCELLED, f"Bytes scanned limit was exceeded ({needed} of {limit} bytes)")

    def __reduce__(self) -> tuple[type[ScanLimitExceededError], tuple[int, int]]:  # type: ignore[override]
        """Pickle by constructor arguments."""
        return type(self), (self.needed, self.limit)


class NotSupportedError(QueryError):
    """What Athena can do and the local Athena does not."""

    def __init__(self, what: str) -> None:
        self.unsupported = what
        reason = "the local Athena answers queries over Parquet, SHOW, DESCRIBE, EXPLAIN, and statements about views"
        super().__init__(ErrorName.NOT_SUPPORTED, f"{what} ({reason})")

    def __reduce__(self) -> tuple[type[NotSupportedError], tuple[str]]:  # type: ignore[override]
        """Pickle by constructor arguments."""
        return type(self), (self.unsupported,)

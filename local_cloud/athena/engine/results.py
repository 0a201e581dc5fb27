"""Results as Athena gives them: types by their names, values as text, and the CSV in S3."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

_PRECISION = {
    "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "float": 17, "double": 17,
    "varchar": 2147483647, "date": 0, "timestamp": 3, "timestamp with time zone": 3, "varbinary": 1073741824,
}  # fmt: skip
_SCIENTIFIC_BELOW, _SCIENTIFIC_FROM = 1e-3, 1e7


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result: name, Athena's type, and the numbers that go with the type."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0

    def metadata(self) -> dict[str, object]:
        """Return the ``ColumnInfo`` of ``ResultSetMetadata``."""
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": self.type,
            "Precision": self.precision,
            "Scale": self.scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": self.type in {"varchar", "string", "char"},
        }


@dataclass(frozen=True)
class Result:
    """All rows of an answer, every value as text, None for NULL."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]


def result_from_arrow(table: pa.Table, names: Sequence[str]) -> Result:
    """Turn what the engine answered into Athena's names, types and texts."""
    columns = tuple(result_column(name, field.type) for name, field in zip(names, table.schema, strict=True))
    texts = [
        [value_text(value, field.type) for value in table.column(index).to_pylist()]
        for index, field in enumerate(table.schema)
    ]
    return Result(columns, tuple(zip(*texts, strict=True)) if texts and table.num_rows else ())


def result_column(name: str, kind: pa.DataType) -> ResultColumn:
    """Describe a column by its Arrow type."""
    if pa.types.is_decimal(kind):
        # Whole numbers of more than 64 bits exist in the engine alone.
        return ResultColumn(name, "decimal", kind.precision, kind.scale)
    athena = type_name(kind)
    return ResultColumn(name, athena, _PRECISION.get(athena, 0))


def type_name(kind: pa.DataType) -> str:
    """Athena's name of a type in ``ResultSetMetadata``."""
    names = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_int8, "tinyint"),
        (pa.types.is_int16, "smallint"),
        (pa.types.is_int32, "integer"),
        (pa.types.is_integer, "bigint"),
        (pa.types.is_float32, "float"),
        (pa.types.is_floating, "double"),
        (pa.types.is_decimal, "decimal"),
        (pa.types.is_date, "date"),
        (pa.types.is_time, "time"),
        (pa.types.is_map, "map"),
        (pa.types.is_list, "array"),
        (pa.types.is_struct, "row"),
        (pa.types.is_binary, "varbinary"),
        (pa.types.is_interval, "interval day to second"),
        (pa.types.is_null, "unknown"),
    )
    if pa.types.is_timestamp(kind):
        return "timestamp with time zone" if kind.tz else "timestamp"
    return next((name for matches, name in names if matches(kind)), "varchar")


def value_text(value: Any, kind: pa.DataType) -> str | None:
    """Write a value as Athena does; None stays None."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        pairs = (f"{_inner(key, kind.key_type)}={_inner(item, kind.item_type)}" for key, item in value)
        return f"{{{', '.join(pairs)}}}"
    if pa.types.is_list(kind):
        return f"[{', '.join(_inner(item, kind.value_type) for item in value)}]"
    if pa.types.is_struct(kind):
        names = _field_names(kind)
        fields = (f"{name}={_inner(value[field.name], field.type)}" for name, field in zip(names, kind, strict=True))
        return f"{{{', '.join(fields)}}}"
    if isinstance(value, float) and pa.types.is_float32(kind):
        return double_text(float(f"{value:.9g}")) if math.isfinite(value) else double_text(value)
    return _scalar_text(value)


def _field_names(kind: pa.StructType) -> list[str]:
    names = [field.name for field in kind]
    # A row without names: the engine counts them from 1, Athena from 0.
    if names == [f"element{index}" for index in range(1, len(names) + 1)]:
        return [f"field{index}" for index in range(len(names))]
    return names


def _inner(value: Any, kind: pa.DataType) -> str:
    return value_text(value, kind) or ("null" if value is None else "")


def _scalar_text(value: Any) -> str:
    return next((write(value) for kind, write in _WRITERS if isinstance(value, kind)), str(value))


def _timestamp_text(value: dt.datetime) -> str:
    text = f"{value.isoformat(' ', 'seconds')[:19]}.{value.microsecond // 1000:03d}"
    return f"{text} UTC" if value.tzinfo else text


def double_text(value: float) -> str:
    """Write a double as Java does: ``100.0``, ``1.0E10``, ``Infinity``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _SCIENTIFIC_BELOW <= abs(value) < _SCIENTIFIC_FROM:
        text = f"{Decimal(repr(value)):f}"
        return text if "." in text else f"{text}.0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    mantissa = "".join(str(digit) for digit in digits)
    power = int(exponent) + len(mantissa) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"


def _interval_text(value: pa.MonthDayNano) -> str:
    millis = value.days * 86_400_000 + value.nanoseconds // 1_000_000
    if value.months and not millis:
        years, months = divmod(abs(value.months), 12)
        return f"{'-' if value.months < 0 else ''}{years}-{months}"
    days, rest = divmod(abs(millis), 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{'-' if millis < 0 else ''}{days} {hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, double_text),
    (Decimal, lambda value: f"{value:f}"),
    (dt.datetime, _timestamp_text),
    (bytes, lambda value: str(value.hex(" "))),
    (pa.MonthDayNano, _interval_text),
)


def to_csv(result: Result) -> bytes:
    """Write a result as Athena's CSV: every value quoted, NULL as nothing."""
    lines = [",".join(_quoted(column.name) for column in result.columns)]
    lines += [",".join("" if value is None else _quoted(value) for value in row) for row in result.rows]
    return ("\n".join(lines) + "\n").encode()


def to_text(result: Result) -> bytes:
    """Write the result of SHOW or DESCRIBE as Athena's text file: tabs between values, no header."""
    return "".join("\t".join(value or "" for value in row) + "\n" for row in result.rows).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'

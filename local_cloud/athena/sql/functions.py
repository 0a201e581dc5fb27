"""Trino's functions in DuckDB: which exist, what they return, and how each is written.

A function that is not listed fails; none reaches DuckDB by its name alone. Where the two engines differ in meaning,
the target is one of :mod:`local_cloud.athena.sql.macros`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.sql.function_names import DIRECT

_WITH_REPLACEMENT = 3
Arguments = list[exp.Expr]
Builder = Callable[[Arguments], exp.Expr]


@dataclass(frozen=True)
class Function:
    """How one of Trino's functions is written for DuckDB.

    Attributes
    ----------
    arguments
        Fewest and most arguments.
    build
        Makes DuckDB's expression.
    returns
        Trino's type of the result; ``same`` for that of the first argument, empty where it depends.
    """

    arguments: tuple[int, int]
    build: Builder
    returns: str = ""


_UNITS = frozenset(["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"])
_INTEGERS = (exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT)
_TIME_UNITS = frozenset(["millisecond", "second", "minute", "hour"])
# MySQL's format letters, which Trino's date_format and date_parse take, as strftime's.
_FORMAT = {
    "%i": "%M", "%s": "%S", "%S": "%S", "%H": "%H", "%k": "%-H", "%h": "%I", "%I": "%I", "%l": "%-I", "%M": "%B",
    "%b": "%b", "%c": "%-m", "%m": "%m", "%d": "%d", "%e": "%-d", "%f": "%f", "%j": "%j", "%p": "%p",
    "%r": "%I:%M:%S %p", "%T": "%H:%M:%S", "%W": "%A", "%a": "%a", "%Y": "%Y", "%y": "%y", "%%": "%%",
}  # fmt: skip


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of one of DuckDB's functions, or of a macro, by its exact name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def moved(value: exp.Expr, interval: exp.Expr, *, back: bool = False) -> exp.Expr:
    """Return a date or a timestamp plus an interval, or minus.

    Macros are for values of unknown type only: DuckDB cannot choose an overload for an expression over aggregates.
    """
    made = exp.paren((exp.Sub if back else exp.Add)(this=value, expression=interval))
    if _is(value, exp.DType.DATE):
        return exp.cast(made, "DATE", dialect="duckdb")
    if _is(value, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
        return made
    return call("trino_minus" if back else "trino_plus", value, interval)


def _date_trunc(arguments: Arguments) -> exp.Expr:
    unit, value = arguments
    if _is(value, exp.DType.DATE):
        return exp.cast(call("date_trunc", unit, value), "DATE", dialect="duckdb")
    name = "date_trunc" if _is(value, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ) else "trino_date_trunc"
    return call(name, unit, value)


def _regexp_replace(arguments: Arguments) -> exp.Expr:
    """Write a literal replacement as DuckDB does; in Trino a dollar sign marks a group, and a backslash escapes."""
    if len(arguments) == _WITH_REPLACEMENT and isinstance(arguments[2], exp.Literal):
        parts = re.findall(r"\\(.)|\$(\d)|(.)", arguments[2].name, re.DOTALL)
        text = "".join(
            f"\\{group}" if group else (escaped or plain).replace("\\", "\\\\") for escaped, group, plain in parts
        )
        return call("regexp_replace", *arguments[:2], exp.Literal.string(text), exp.Literal.string("g"))
    return call("trino_regexp_replace", *arguments)


def _named(name: str) -> Builder:
    return lambda arguments: call(name, *arguments)


def _unit(node: exp.Expr) -> str:
    unit = node.name.lower() if isinstance(node, exp.Literal) and node.is_string else ""
    if unit not in _UNITS:
        raise QueryError(ErrorName.INVALID_FUNCTION_ARGUMENT, f"'{node.name}' is not a valid TIMESTAMP field")
    return unit


def _interval(unit: str, amount: exp.Expr) -> exp.Expr:
    kind = "DOUBLE" if unit in {"millisecond", "second"} else "INTEGER"
    return call(f"to_{unit}s", exp.cast(exp.paren(amount), kind, dialect="duckdb"))


def _date_add(arguments: Arguments) -> exp.Expr:
    unit, amount, value = arguments
    if _is(value, exp.DType.DATE) and _unit(unit) in _TIME_UNITS:
        raise QueryError(ErrorName.INVALID_FUNCTION_ARGUMENT, f"'{unit.name}' is not a valid DATE field")
    return moved(value, _interval(_unit(unit), amount))


def _date_diff(arguments: Arguments) -> exp.Expr:
    # date_sub counts whole units that have passed, as Trino's date_diff does; date_diff counts boundaries crossed.
    unit, start, end = arguments
    return call("date_sub", exp.Literal.string(_unit(unit)), start, end)


def _time_format(node: exp.Expr) -> exp.Expr:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise QueryError(
            ErrorName.NOT_SUPPORTED, "the local Athena needs a literal as format of date_format and date_parse"
        )
    parts, text = [], node.name
    while text:
        size = 2 if text.startswith("%") else 1
        piece, text = text[:size], text[size:]
        if size == 2 and piece not in _FORMAT:  # noqa: PLR2004 - a letter after the percent sign
            raise QueryError(ErrorName.NOT_SUPPORTED, f"the local Athena does not know the format specifier {piece}")
        parts.append(_FORMAT.get(piece, piece))
    return exp.Literal.string("".join(parts))


def _array_match(combine: str) -> Builder:
    return lambda arguments: call(combine, call("list_transform", *arguments))


def _approx_distinct(arguments: Arguments) -> exp.Expr:
    # The exact count is within the error that Trino's estimate admits.
    return exp.Count(this=exp.Distinct(expressions=[arguments[0]]))


def _approx_percentile(arguments: Arguments) -> exp.Expr:
    # The exact value at the place where Trino's estimate looks for it: the n * share-th of n, counted from 0.
    value, share = arguments
    place = call(
        "least", exp.Add(this=exp.paren(share), expression=exp.Literal.number("1e-9")), exp.Literal.number("1.0")
    )
    found = call("quantile_disc", value, place)
    return exp.cast(found, "BIGINT", dialect="duckdb") if _is(value, *_INTEGERS) else found


def _sign(arguments: Arguments) -> exp.Expr:
    kind = arguments[0].type
    found = call("sign", *arguments)
    if kind is None:
        return found
    text = "DECIMAL(1, 0)" if kind.this is exp.DType.DECIMAL else kind.sql("duckdb")
    return exp.cast(found, text, dialect="duckdb")


def _iso_text(arguments: Arguments) -> exp.Expr:
    if not _is(arguments[0], exp.DType.DATE):
        raise QueryError(ErrorName.NOT_SUPPORTED, "the local Athena's to_iso8601 takes dates only")
    return exp.cast(arguments[0], "VARCHAR", dialect="duckdb")


def _json_path(name: str) -> Builder:
    """Spell a path's ``["name"]`` as DuckDB does, ``."name"``."""

    def build(arguments: Arguments) -> exp.Expr:
        path = re.sub(r'\["([^"]*)"\]', r'."\1"', arguments[1].name)
        return call(name, arguments[0], exp.Literal.string(path) if arguments[1].is_string else arguments[1])

    return build


def _bitwise(operator: type[exp.Binary]) -> Builder:
    def build(arguments: Arguments) -> exp.Expr:
        return exp.paren(operator(this=exp.cast(arguments[0], "BIGINT", dialect="duckdb"), expression=arguments[1]))

    return build


def _count_if(arguments: Arguments) -> exp.Expr:
    return exp.Count(this=exp.Case().when(arguments[0], exp.Literal.number(1)))


def _is(node: exp.Expr, *kinds: exp.DType) -> bool:
    return node.type is not None and node.type.this in kinds


def _element_at(arguments: Arguments) -> exp.Expr:
    name = "map_extract_value" if _is(arguments[0], exp.DType.MAP) else "trino_element"
    return call(name, *arguments)


def _cardinality(arguments: Arguments) -> exp.Expr:
    if not _is(arguments[0], exp.DType.MAP):
        return call("len", *arguments)
    return exp.cast(call("cardinality", *arguments), "BIGINT", dialect="duckdb")


def _whole(name: str) -> Builder:
    """Round to a whole number; an integer stays what it is, where DuckDB would make it a double."""
    return lambda arguments: arguments[0] if _is(arguments[0], *_INTEGERS) else call(name, *arguments)


FUNCTIONS: dict[str, Function] = {
    **{name: Function((least, most), _named(target), result) for name, (least, most, target, result) in DIRECT.items()},
    "approx_distinct": Function((1, 2), _approx_distinct, "bigint"),
    "count_if": Function((1, 1), _count_if, "bigint"),
    "date": Function((1, 1), lambda arguments: exp.cast(arguments[0], "DATE", dialect="duckdb"), "date"),
    "date_add": Function((3, 3), _date_add),
    "regexp_replace": Function((2, 3), _regexp_replace, "varchar"),
    "date_trunc": Function((2, 2), _date_trunc),
    "date_diff": Function((3, 3), _date_diff, "bigint"),
    "date_format": Function((2, 2), lambda a: call("strftime", a[0], _time_format(a[1])), "varchar"),
    "date_parse": Function((2, 2), lambda a: call("strptime", a[0], _time_format(a[1])), "timestamp"),
    "from_iso8601_timestamp": Function(
        (1, 1), lambda a: exp.cast(a[0], "TIMESTAMPTZ", dialect="duckdb"), "timestamptz"
    ),
    "from_unixtime": Function((1, 1), lambda a: call("to_timestamp", a[0]), "timestamptz"),
    "any_match": Function((2, 2), _array_match("trino_any"), "boolean"),
    "all_match": Function((2, 2), _array_match("trino_all"), "boolean"),
    "none_match": Function((2, 2), _array_match("trino_none"), "boolean"),
    "md5": Function((1, 1), lambda a: call("unhex", call("md5", a[0])), "varbinary"),
    "sha256": Function((1, 1), lambda a: call("unhex", call("sha256", a[0])), "varbinary"),
    "sign": Function((1, 1), _sign, "same"),
    "approx_percentile": Function((2, 2), _approx_percentile),
    "row": Function((1, 99), _named("row")),
    "to_iso8601": Function((1, 1), _iso_text, "varchar"),
    "json_format": Function((1, 1), lambda a: exp.cast(a[0], "VARCHAR", dialect="duckdb"), "varchar"),
    "json_extract": Function((2, 2), _json_path("trino_json_extract"), "json"),
    "json_extract_scalar": Function((2, 2), _json_path("trino_json_scalar"), "varchar"),
    "bitwise_and": Function((2, 2), _bitwise(exp.BitwiseAnd), "bigint"),
    "bitwise_or": Function((2, 2), _bitwise(exp.BitwiseOr), "bigint"),
    "bitwise_xor": Function((2, 2), lambda a: exp.cast(call("xor", *a), "BIGINT", dialect="duckdb"), "bigint"),
    "nan": Function((0, 0), lambda _: exp.cast(exp.Literal.string("NaN"), "DOUBLE", dialect="duckdb"), "double"),
    "infinity": Function(
        (0, 0), lambda _: exp.cast(exp.Literal.string("Infinity"), "DOUBLE", dialect="duckdb"), "double"
    ),
    "e": Function((0, 0), lambda _: call("exp", exp.Literal.number(1)), "double"),
    "millisecond": Function(
        (1, 1), lambda a: exp.Mod(this=call("millisecond", a[0]), expression=exp.Literal.number(1000)), "bigint"
    ),
    "element_at": Function((2, 2), _element_at, "element"),
    "cardinality": Function((1, 1), _cardinality, "bigint"),
    "ceil": Function((1, 1), _whole("ceil"), "same"),
    "ceiling": Function((1, 1), _whole("ceil"), "same"),
    "floor": Function((1, 1), _whole("floor"), "same"),
    "truncate": Function((1, 1), _whole("trunc"), "same"),
}


def find_function(node: exp.Anonymous, where: str) -> Function:
    """Return the function that a call names.

    Raises
    ------
    QueryError
        ``FUNCTION_NOT_FOUND`` for a name or a number of arguments that the local Athena does not know.
    """
    name = str(node.this).lower()
    function = FUNCTIONS.get(name)
    count = len(node.expressions)
    if function is None or not function.arguments[0] <= count <= function.arguments[1]:
        shape = f"with {count} arguments " if function else ""
        message = f"{where}: Function '{name}' {shape}not registered (or not known to the local Athena)"
        raise QueryError(ErrorName.FUNCTION_NOT_FOUND, message)
    return function

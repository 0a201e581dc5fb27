"""Trino's functions in DuckDB: which exist, what they return, and how each is written.

A function that is not listed fails; none reaches DuckDB by its name alone. Where the two engines differ in meaning,
the target is one of :mod:`local_cloud.athena.macros`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from local_cloud.athena.errors import ErrorName, QueryError

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
# MySQL's format letters, which Trino's date_format and date_parse take, as strftime's.
_FORMAT = {
    "%i": "%M", "%s": "%S", "%S": "%S", "%H": "%H", "%k": "%-H", "%h": "%I", "%I": "%I", "%l": "%-I", "%M": "%B",
    "%b": "%b", "%c": "%-m", "%m": "%m", "%d": "%d", "%e": "%-d", "%f": "%f", "%j": "%j", "%p": "%p",
    "%r": "%I:%M:%S %p", "%T": "%H:%M:%S", "%W": "%A", "%a": "%a", "%Y": "%Y", "%y": "%y", "%%": "%%",
}  # fmt: skip


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of one of DuckDB's functions, or of a macro, by its exact name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


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
    return call("trino_plus", value, _interval(_unit(unit), amount))


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


def _count_if(arguments: Arguments) -> exp.Expr:
    return exp.Count(this=exp.Case().when(arguments[0], exp.Literal.number(1)))


def _is(node: exp.Expr, *kinds: exp.DType) -> bool:
    return node.type is not None and node.type.this in kinds


def _element_at(arguments: Arguments) -> exp.Expr:
    name = "map_extract_value" if _is(arguments[0], exp.DataType.Type.MAP) else "list_extract"
    return call(name, *arguments)


def _cardinality(arguments: Arguments) -> exp.Expr:
    if not _is(arguments[0], exp.DataType.Type.MAP):
        return call("len", *arguments)
    return exp.cast(call("cardinality", *arguments), "BIGINT", dialect="duckdb")


def _whole(name: str) -> Builder:
    """Round to a whole number; an integer stays what it is, where DuckDB would make it a double."""
    integers = (exp.DataType.Type.TINYINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.INT, exp.DataType.Type.BIGINT)
    return lambda arguments: arguments[0] if _is(arguments[0], *integers) else call(name, *arguments)


_DIRECT = {
    # name: (fewest, most arguments, DuckDB's name, result)
    "arbitrary": (1, 1, "any_value", "same"), "any_value": (1, 1, "any_value", "same"),
    "bool_and": (1, 1, "bool_and", "boolean"), "bool_or": (1, 1, "bool_or", "boolean"),
    "every": (1, 1, "bool_and", "boolean"), "max_by": (2, 2, "arg_max_null", "same"),
    "min_by": (2, 2, "arg_min_null", "same"), "approx_percentile": (2, 2, "quantile_disc", ""),
    "stddev": (1, 1, "stddev_samp", "double"), "stddev_samp": (1, 1, "stddev_samp", "double"),
    "stddev_pop": (1, 1, "stddev_pop", "double"), "variance": (1, 1, "var_samp", "double"),
    "var_samp": (1, 1, "var_samp", "double"), "var_pop": (1, 1, "var_pop", "double"), "corr": (2, 2, "corr", "double"),
    "listagg": (1, 2, "string_agg", "varchar"), "histogram": (1, 1, "histogram", ""),
    "substr": (2, 3, "trino_substr", "varchar"), "substring": (2, 3, "trino_substr", "varchar"),
    "split": (2, 2, "string_split", "array(varchar)"), "split_part": (3, 3, "trino_split_part", "varchar"),
    "strpos": (2, 2, "strpos", "bigint"), "starts_with": (2, 2, "starts_with", "boolean"),
    "replace": (2, 3, "trino_replace", "varchar"), "reverse": (1, 1, "reverse", "same"),
    "lpad": (3, 3, "lpad", "varchar"), "rpad": (3, 3, "rpad", "varchar"), "ltrim": (1, 1, "ltrim", "varchar"),
    "rtrim": (1, 1, "rtrim", "varchar"), "concat_ws": (2, 99, "concat_ws", "varchar"), "chr": (1, 1, "chr", "varchar"),
    "codepoint": (1, 1, "unicode", "integer"), "levenshtein_distance": (2, 2, "levenshtein", "bigint"),
    "translate": (3, 3, "translate", "varchar"), "to_hex": (1, 1, "to_hex", "varchar"),
    "from_hex": (1, 1, "from_hex", "varbinary"), "to_utf8": (1, 1, "encode", "varbinary"),
    "regexp_like": (2, 2, "regexp_matches", "boolean"), "regexp_extract": (2, 3, "trino_regexp_extract", "varchar"),
    "regexp_extract_all": (2, 3, "regexp_extract_all", "array(varchar)"),
    "regexp_replace": (2, 3, "trino_regexp_replace", "varchar"),
    "regexp_split": (2, 2, "regexp_split_to_array", "array(varchar)"),
    "year": (1, 1, "year", "bigint"), "quarter": (1, 1, "quarter", "bigint"), "month": (1, 1, "month", "bigint"),
    "week": (1, 1, "week", "bigint"), "day": (1, 1, "day", "bigint"), "hour": (1, 1, "hour", "bigint"),
    "minute": (1, 1, "minute", "bigint"), "second": (1, 1, "second", "bigint"),
    "day_of_week": (1, 1, "isodow", "bigint"), "day_of_year": (1, 1, "dayofyear", "bigint"),
    "last_day_of_month": (1, 1, "last_day", "date"), "now": (0, 0, "now", "timestamptz"),
    "to_unixtime": (1, 1, "epoch", "double"), "date_trunc": (2, 2, "trino_date_trunc", ""),
    "from_iso8601_date": (1, 1, "trino_text_to_date", "date"),
    "array_join": (2, 3, "trino_array_join", "varchar"), "contains": (2, 2, "trino_contains", "boolean"),
    "array_position": (2, 2, "trino_array_position", "bigint"), "array_distinct": (1, 1, "list_distinct", "same"),
    "array_sort": (1, 1, "list_sort", "same"), "array_max": (1, 1, "list_max", "element"),
    "array_min": (1, 1, "list_min", "element"), "slice": (3, 3, "trino_slice", "same"),
    "sequence": (2, 3, "trino_sequence", ""), "flatten": (1, 1, "flatten", "element"),
    "arrays_overlap": (2, 2, "list_has_any", "boolean"), "array_intersect": (2, 2, "list_intersect", "same"),
    "transform": (2, 2, "list_transform", ""), "filter": (2, 2, "list_filter", "same"),
    "map_keys": (1, 1, "map_keys", ""), "map_values": (1, 1, "map_values", ""),
    "json_extract_scalar": (2, 2, "trino_json_scalar", "varchar"), "json_extract": (2, 2, "json_extract", "json"),
    "json_array_length": (1, 1, "json_array_length", "bigint"),
    "round": (1, 2, "round", "same"), "sqrt": (1, 1, "sqrt", "double"),
    "cbrt": (1, 1, "cbrt", "double"), "exp": (1, 1, "exp", "double"), "ln": (1, 1, "ln", "double"),
    "log2": (1, 1, "log2", "double"), "log10": (1, 1, "log10", "double"), "power": (2, 2, "power", "double"),
    "pow": (2, 2, "power", "double"), "mod": (2, 2, "mod", "same"), "pi": (0, 0, "pi", "double"),
    "is_nan": (1, 1, "isnan", "boolean"), "is_finite": (1, 1, "isfinite", "boolean"),
    "try": (1, 1, "try", "same"),
}  # fmt: skip

FUNCTIONS: dict[str, Function] = {
    **{
        name: Function((least, most), _named(target), result) for name, (least, most, target, result) in _DIRECT.items()
    },
    "approx_distinct": Function((1, 2), _approx_distinct, "bigint"),
    "count_if": Function((1, 1), _count_if, "bigint"),
    "date": Function((1, 1), lambda arguments: exp.cast(arguments[0], "DATE", dialect="duckdb"), "date"),
    "date_add": Function((3, 3), _date_add),
    "date_diff": Function((3, 3), _date_diff, "bigint"),
    "date_format": Function((2, 2), lambda a: call("strftime", a[0], _time_format(a[1])), "varchar"),
    "date_parse": Function((2, 2), lambda a: call("strptime", a[0], _time_format(a[1])), "timestamp"),
    "from_iso8601_timestamp": Function(
        (1, 1), lambda a: exp.cast(a[0], "TIMESTAMPTZ", dialect="duckdb"), "timestamptz"
    ),
    "from_unixtime": Function((1, 1), lambda a: call("to_timestamp", a[0]), "timestamptz"),
    "any_match": Function((2, 2), _array_match("list_bool_or"), "boolean"),
    "all_match": Function((2, 2), _array_match("list_bool_and"), "boolean"),
    "md5": Function((1, 1), lambda a: call("unhex", call("md5", a[0])), "varbinary"),
    "sha256": Function((1, 1), lambda a: call("unhex", call("sha256", a[0])), "varbinary"),
    "sign": Function((1, 1), _named("sign"), "same"),
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

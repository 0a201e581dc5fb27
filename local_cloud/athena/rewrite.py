"""From a qualified and typed Trino query to DuckDB's: the expressions that mean something else there."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from local_cloud.athena.dialect import place
from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.expression_types import decimal_type, is_floating, is_integer, is_text, is_type
from local_cloud.athena.functions import call, find_function

_DType = exp.DType
_TEXT = {_DType.VARCHAR, _DType.TEXT, _DType.CHAR}
_INTEGERS = {_DType.TINYINT, _DType.SMALLINT, _DType.INT, _DType.BIGINT}


def rewrite(query: exp.Query) -> exp.Query:
    """Rewrite every expression, innermost first, so that each still sees the types of its own operands."""
    for node in reversed(list(query.walk(bfs=True))):
        handler = _HANDLERS.get(type(node))
        if handler is None:
            continue
        kind = node.type
        replacement = handler(node)
        if replacement is not node:
            # A cast answers with its target; what it was in Trino says more.
            replacement.type = kind or replacement.type
            node.replace(replacement)
    return query


def _function(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Anonymous):
        return node
    built = find_function(node, place(node)).build(list(node.expressions))
    arguments = node.expressions
    kind = decimal_type(arguments[0]) if str(node.this).lower() == "round" else None
    if kind is None or len(arguments) == 1:
        return built
    # Rounded to fewer digits, a decimal keeps its scale.
    precision, scale = min(kind[0] + 1, 38), kind[1]
    return exp.cast(built, f"DECIMAL({precision}, {scale})", dialect="duckdb")


def _divide(node: exp.Expr) -> exp.Expr:
    left, right = node.args["this"], node.args["expression"]
    result = decimal_type(node)
    if result is None:
        return call("trino_divide", left, right)
    precision, scale = result
    quotient = call("trino_divide_decimal", left, right, exp.Literal.number(scale))
    return exp.cast(quotient, f"DECIMAL({precision}, {scale})", dialect="duckdb")


def _add(node: exp.Expr) -> exp.Expr:
    left, right = node.args["this"], node.args["expression"]
    minus = isinstance(node, exp.Sub)
    if isinstance(right, exp.Interval):
        return call("trino_minus" if minus else "trino_plus", left, right)
    if isinstance(left, exp.Interval) and not minus:
        return call("trino_plus", right, left)
    if minus and is_type(left, _DType.DATE) and is_type(right, _DType.DATE):
        raise QueryError(
            ErrorName.NOT_SUPPORTED, f"{place(node)}: the local Athena does not subtract dates; use date_diff"
        )
    return node


def _sum(node: exp.Expr) -> exp.Expr:
    return _after_aggregate(node, "BIGINT") if is_integer(node.this) else node


def _average(node: exp.Expr) -> exp.Expr:
    kind = decimal_type(node.this)
    return _after_aggregate(node, f"DECIMAL({kind[0]}, {kind[1]})") if kind else node


def _after_aggregate(node: exp.Expr, kind: str) -> exp.Expr:
    """Cast the result of an aggregate outside its FILTER and OVER, which must follow the call itself."""
    outer = node
    while isinstance(outer.parent, exp.Filter | exp.Window | exp.WithinGroup) and outer.parent.this is outer:
        outer = outer.parent
    wrapped = exp.cast(outer.copy(), kind, dialect="duckdb")
    if outer is node:
        return wrapped
    wrapped.type = outer.type
    outer.replace(wrapped)
    return node


def _cast(node: exp.Expr) -> exp.Expr:
    source, target = node.this, node.args["to"].this
    if target in _INTEGERS | {_DType.DATE}:
        return _cast_strictly(node, source, target)
    if target in _TEXT:
        return _cast_to_text(node, source)
    if target is _DType.TIMESTAMP and node.args["to"].expressions:
        return type(node)(this=source, to=exp.DataType.build(_DType.TIMESTAMP))
    return node


def _cast_strictly(node: exp.Expr, source: exp.Expr, target: exp.DType) -> exp.Expr:
    """Cast as Trino does where DuckDB is more lenient with texts, or rounds doubles to even."""
    lenient = "try_" if isinstance(node, exp.TryCast) else ""
    if is_text(source):
        if target is _DType.DATE:
            return call(f"trino_{lenient}text_to_date", source)
        return _recast(node, call(f"trino_{lenient}text_to_integer", source))
    if target in _INTEGERS and is_floating(source):
        return _recast(node, call("round", source))
    return node


def _cast_to_text(node: exp.Expr, source: exp.Expr) -> exp.Expr:
    text: exp.Expr = exp.cast(source.copy(), "VARCHAR", dialect="duckdb")
    if is_type(source, _DType.TIMESTAMP):
        # Columns have milliseconds; a literal has the digits it was written with.
        precision = source.type.expressions if source.type is not None else []
        whole = bool(precision) and precision[0].name == "0"
        text = call("strftime", source, exp.Literal.string("%Y-%m-%d %H:%M:%S" if whole else "%Y-%m-%d %H:%M:%S.%g"))
    length = node.args["to"].expressions
    return call("substr", text, exp.Literal.number(1), exp.Literal.number(length[0].name)) if length else text


def _recast(node: exp.Expr, source: exp.Expr) -> exp.Expr:
    return type(node)(this=source, to=node.args["to"])


def _bracket(node: exp.Expr) -> exp.Expr:
    macro = "trino_map_subscript" if is_type(node.this, _DType.MAP) else "trino_subscript"
    return call(macro, node.this, *node.expressions)


def _unnest(node: exp.Expr) -> exp.Expr:
    """UNNEST as a lateral subquery: DuckDB's own takes one array, and no map."""
    arrays = [array for argument in node.expressions for array in _unnested(argument)]
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if alias is not None else []
    if node.args.get("offset"):
        longest = call("greatest", *(call("len", array.copy()) for array in arrays))
        arrays.append(call("generate_series", exp.Literal.number(1), longest))
        if isinstance(node.args["offset"], exp.Identifier) and len(names) < len(arrays):
            names.append(node.args["offset"].name)
    names += [f"_unnested_{index}" for index in range(len(names), len(arrays))]
    if len(names) != len(arrays):
        message = f"{place(node)}: Column alias list has {len(names)} entries but relation has {len(arrays)} columns"
        raise QueryError(ErrorName.MISMATCHED_COLUMN_ALIASES, message)
    columns = [exp.alias_(call("unnest", array), name, quoted=True) for array, name in zip(arrays, names, strict=True)]
    table_alias = exp.TableAlias(this=alias.this.copy() if alias is not None and alias.this else None)
    subquery = exp.Subquery(this=exp.select(*columns), alias=None if node.parent is None else table_alias)
    if isinstance(node.parent, exp.From):
        return subquery
    subquery.set("alias", None)
    return exp.Lateral(this=subquery, alias=table_alias)


def _unnested(argument: exp.Expr) -> list[exp.Expr]:
    if is_type(argument, _DType.MAP):
        return [call("map_keys", argument.copy()), call("map_values", argument.copy())]
    fields = _row_fields(argument)
    if not fields:
        return [argument.copy()]
    return [call("trino_fields", argument.copy(), exp.Literal.string(field)) for field in fields]


def _row_fields(argument: exp.Expr) -> list[str]:
    if not is_type(argument, _DType.ARRAY) or argument.type is None or not argument.type.expressions:
        return []
    element = argument.type.expressions[0]
    if not isinstance(element, exp.DataType) or element.this is not _DType.STRUCT:
        return []
    return [field.name for field in element.expressions]


_HANDLERS: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Anonymous: _function,
    exp.Div: _divide,
    exp.Add: _add,
    exp.Sub: _add,
    exp.Sum: _sum,
    exp.Avg: _average,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Bracket: _bracket,
    exp.Unnest: _unnest,
}

"""From a qualified and typed Trino query to DuckDB's: the expressions that mean something else there."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.sql.casts import rewrite_cast
from local_cloud.athena.sql.dialect import place
from local_cloud.athena.sql.expression_types import decimal_type, is_floating, is_integer, is_type
from local_cloud.athena.sql.functions import call, find_function, moved

_DType = exp.DType
_WHITE_SPACE = (
    " \t\n\x0b\f\r\x1c\x1d\x1e\x1f\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a"
    "\u2028\u2029\u205f\u3000"
)
"""What Trino trims: white space but for the no-break spaces."""


def rewrite(query: exp.Query) -> exp.Query:
    """Rewrite every expression, innermost first, so that each still sees the types of its own operands."""
    for node in reversed(list(query.walk(bfs=True))):
        handler = _HANDLERS.get(type(node))
        if handler is None:
            continue
        digits = decimal_type(node)
        # The parser's own rules give decimals the digits of one operand.
        kind = exp.DataType.build(f"DECIMAL({digits[0]}, {digits[1]})") if digits else node.type
        replacement = handler(node)
        if replacement is not node:
            # A cast answers with its target; what it was in Trino says more.
            replacement.type = kind or replacement.type
            node.replace(replacement)
    return query


def _trim(node: exp.Expr) -> exp.Expr:
    """Trim white space, as Trino does; DuckDB trims blanks only."""
    if node.args.get("expression") is None:
        node.set("expression", exp.Literal.string(_WHITE_SPACE))
    return node


def _substring(node: exp.Expr) -> exp.Expr:
    arguments = [node.this, node.args["start"], node.args.get("length")]
    return call("trino_substr", *(argument for argument in arguments if argument is not None))


def _function(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Anonymous):
        return node
    arguments = list(node.expressions)
    built = find_function(node, place(node)).build(arguments)
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
        if is_type(node, _DType.DOUBLE):
            # Over windows DuckDB does not know the operands' types when it chooses a macro's overload.
            left, right = (exp.cast(side, "DOUBLE", dialect="duckdb") for side in (left, right))
            return exp.Div(this=left, expression=right, typed=False, safe=False)
        return (
            _whole_quotient(left, right)
            if is_integer(left) and is_integer(right)
            else call("trino_divide", left, right)
        )
    precision, scale = result
    quotient = call("trino_divide_decimal", left, right, exp.Literal.number(scale))
    return exp.cast(quotient, f"DECIMAL({precision}, {scale})", dialect="duckdb")


def _whole_quotient(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    kind = "BIGINT" if is_type(left, _DType.BIGINT) or is_type(right, _DType.BIGINT) else "INTEGER"
    return exp.cast(exp.IntDiv(this=exp.paren(left), expression=exp.paren(right)), kind, dialect="duckdb")


def _add(node: exp.Expr) -> exp.Expr:
    left, right = node.args["this"], node.args["expression"]
    minus = isinstance(node, exp.Sub)
    if isinstance(right, exp.Interval):
        return moved(left, right, back=minus)
    if isinstance(left, exp.Interval) and not minus:
        return moved(right, left)
    if minus and is_type(left, _DType.DATE) and is_type(right, _DType.DATE):
        return exp.Sub(this=_timestamp(left), expression=_timestamp(right))
    return _typed(node)


def _timestamp(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "TIMESTAMP", dialect="duckdb")


def _typed(node: exp.Expr) -> exp.Expr:
    """Give arithmetic with decimals the precision and scale of Trino's rules, which differ from DuckDB's."""
    kind = decimal_type(node)
    if kind is None or is_floating(node.args["this"]) or is_floating(node.args["expression"]):
        return node
    return exp.cast(exp.paren(node.copy()), f"DECIMAL({kind[0]}, {kind[1]})", dialect="duckdb")


def _extract(node: exp.Expr) -> exp.Expr:
    part = node.this.name.upper()
    if part in {"DOW", "DAY_OF_WEEK"}:
        # Trino counts from Monday, 1, to Sunday, 7.
        return call("isodow", node.args["expression"])
    return node


def _length(node: exp.Expr) -> exp.Expr:
    return call("octet_length", node.this) if is_type(node.this, _DType.VARBINARY, _DType.BINARY) else node


def _grouping(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "INTEGER", dialect="duckdb")


def _sum(node: exp.Expr) -> exp.Expr:
    if is_type(node.this, _DType.FLOAT):
        return _after_aggregate(node, "REAL")
    return _after_aggregate(node, "BIGINT") if is_integer(node.this) else node


def _average(node: exp.Expr) -> exp.Expr:
    if is_type(node.this, _DType.FLOAT):
        return _after_aggregate(node, "REAL")
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
    exp.Trim: _trim,
    exp.Substring: _substring,
    exp.Div: _divide,
    exp.Add: _add,
    exp.Sub: _add,
    exp.Mul: _typed,
    exp.Extract: _extract,
    exp.Length: _length,
    exp.Grouping: _grouping,
    exp.Sum: _sum,
    exp.Avg: _average,
    exp.Cast: rewrite_cast,
    exp.TryCast: rewrite_cast,
    exp.Bracket: _bracket,
    exp.Unnest: _unnest,
}

"""Casts, where DuckDB is more lenient than Trino, rounds otherwise, or writes another text."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.athena.sql.expression_types import is_floating, is_text, is_type
from local_cloud.athena.sql.functions import call

_DType = exp.DType
_TEXT = {_DType.VARCHAR, _DType.TEXT, _DType.CHAR}
_INTEGERS = {_DType.TINYINT, _DType.SMALLINT, _DType.INT, _DType.BIGINT}


def rewrite_cast(node: exp.Expr) -> exp.Expr:
    """Return DuckDB's expression for a CAST or TRY_CAST."""
    source, target = node.this, node.args["to"].this
    if target in _INTEGERS | {_DType.DATE, _DType.BOOLEAN}:
        return _cast_strictly(node, source, target)
    if target in _TEXT:
        return _cast_to_text(node, source)
    if target is _DType.JSON:
        return source if is_type(source, _DType.JSON) else call("to_json", source)
    if target is _DType.DECIMAL and not node.args["to"].expressions:
        return _recast(node, source, exp.DataType.build(_bare_decimal(source)))
    if target is _DType.TIMESTAMP and node.args["to"].expressions:
        return type(node)(this=source, to=exp.DataType.build(_DType.TIMESTAMP))
    return node


def _cast_strictly(node: exp.Expr, source: exp.Expr, target: exp.DType) -> exp.Expr:
    """Cast as Trino does where DuckDB is more lenient with texts, or rounds doubles to even."""
    lenient = "try_" if isinstance(node, exp.TryCast) else ""
    if is_text(source):
        if target in {_DType.DATE, _DType.BOOLEAN}:
            return call(f"trino_{lenient}text_to_{target.value.lower()}", source)
        return _recast(node, call(f"trino_{lenient}text_to_integer", source))
    if target in _INTEGERS and is_floating(source):
        return _recast(node, call("round", source))
    return node


def _cast_to_text(node: exp.Expr, source: exp.Expr) -> exp.Expr:
    text: exp.Expr = exp.cast(source.copy(), "VARCHAR", dialect="duckdb")
    if is_floating(source):
        text = call("trino_double_text", source)
    if is_type(source, _DType.JSON):
        text = call("trino_json_text", source)
    if is_type(source, _DType.TIMESTAMP):
        # Columns have milliseconds; a literal has the digits it was written with.
        precision = source.type.expressions if source.type is not None else []
        whole = bool(precision) and precision[0].name == "0"
        text = call("strftime", source, exp.Literal.string("%Y-%m-%d %H:%M:%S" if whole else "%Y-%m-%d %H:%M:%S.%g"))
    length = node.args["to"].expressions
    return call("substr", text, exp.Literal.number(1), exp.Literal.number(length[0].name)) if length else text


def _bare_decimal(source: exp.Expr) -> str:
    """Return a decimal type: none of its digits are a fraction, unless a literal is written with some."""
    digits = source.name.lstrip("+-") if isinstance(source, exp.Literal) and source.is_string else ""
    return (
        f"DECIMAL({max(len(digits.replace('.', '')), 1)}, {len(digits.partition('.')[2])})"
        if digits
        else "DECIMAL(38, 0)"
    )


def _recast(node: exp.Expr, source: exp.Expr, target: exp.DataType | None = None) -> exp.Expr:
    return type(node)(this=source, to=target or node.args["to"])

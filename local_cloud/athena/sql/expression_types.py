"""What type an expression has in Trino, as far as it can be told."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.schema import MappingSchema

from local_cloud.athena.sql.dialect import LocalTrino
from local_cloud.athena.sql.functions import FUNCTIONS

_DType = exp.DType
_INTEGER_DIGITS = {_DType.TINYINT: 3, _DType.SMALLINT: 5, _DType.INT: 10, _DType.BIGINT: 19}
_FLOATING = {_DType.DOUBLE, _DType.FLOAT}
_TEXT = {_DType.VARCHAR, _DType.TEXT, _DType.CHAR}
_MAX_PRECISION = 38
_INT_LIMIT = 2**31


def annotate(query: exp.Query, schema: MappingSchema) -> exp.Query:
    """Set the type of every expression of a qualified query, where it can be told."""
    metadata: dict[type[exp.Expr], dict[str, Any]] = {
        **LocalTrino.EXPRESSION_METADATA,
        exp.Anonymous: {"annotator": _annotate_call},
        exp.Literal: {"annotator": _annotate_literal},
    }
    return annotate_types(query, schema=schema, expression_metadata=metadata, dialect=LocalTrino)


def is_type(node: exp.Expr, *kinds: exp.DType) -> bool:
    """Whether the type of an expression is known and one of these."""
    return node.type is not None and node.type.this in kinds


def is_integer(node: exp.Expr) -> bool:
    """Whether an expression is of an integer type."""
    return is_type(node, *_INTEGER_DIGITS)


def is_text(node: exp.Expr) -> bool:
    """Whether an expression is a varchar or a char."""
    return is_type(node, *_TEXT)


def is_floating(node: exp.Expr) -> bool:
    """Whether an expression is a double or a real, and no decimal."""
    return decimal_type(node) is None and is_type(node, *_FLOATING)


def decimal_type(node: exp.Expr) -> tuple[int, int] | None:
    """Precision and scale of a decimal expression by Trino's rules, or None for any other type.

    Rules: https://trino.io/docs/current/functions/decimal.html
    """
    node = node.unnest() if isinstance(node, exp.Paren) else node
    if isinstance(node, exp.Literal):
        return _literal_decimal(node)
    if isinstance(node, exp.Neg | exp.Alias | exp.Max | exp.Min | exp.Abs | exp.Avg | exp.Window | exp.Filter):
        return decimal_type(node.this)
    if isinstance(node, exp.Sum):
        inner = decimal_type(node.this)
        return (_MAX_PRECISION, inner[1]) if inner else None
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        return _arithmetic(node)
    if is_type(node, _DType.DECIMAL) and node.type is not None and len(node.type.expressions) == 2:  # noqa: PLR2004
        precision, scale = (int(parameter.name) for parameter in node.type.expressions)
        return precision, scale
    return None


def _arithmetic(node: exp.Binary) -> tuple[int, int] | None:
    left, right = decimal_type(node.this), decimal_type(node.expression)
    if left is None and right is None:
        return None
    left, right = left or _integer_decimal(node.this), right or _integer_decimal(node.expression)
    if left is None or right is None:
        return None
    (p1, s1), (p2, s2) = left, right
    if isinstance(node, exp.Mul):
        precision, scale = p1 + p2, s1 + s2
    elif isinstance(node, exp.Div):
        precision, scale = p1 + s2 + max(0, s2 - s1), max(s1, s2)
    else:
        precision, scale = max(p1 - s1, p2 - s2) + max(s1, s2) + 1, max(s1, s2)
    return min(precision, _MAX_PRECISION), scale


def _literal_decimal(node: exp.Literal) -> tuple[int, int] | None:
    text = node.name
    if node.is_string or "." not in text or "e" in text.lower():
        return None
    whole, fraction = text.split(".")
    return max(len(whole.lstrip("0")) + len(fraction), 1), len(fraction)


def _integer_decimal(node: exp.Expr) -> tuple[int, int] | None:
    node = node.unnest()
    if isinstance(node, exp.Window | exp.Filter):
        return _integer_decimal(node.this)
    digits = _INTEGER_DIGITS.get(node.type.this) if node.type is not None else None
    return (digits, 0) if digits else None


def _annotate_call(annotator: Any, node: exp.Anonymous) -> exp.Anonymous:
    function = FUNCTIONS.get(str(node.this).lower())
    returns = function.returns if function else ""
    argument = node.expressions[0].type if node.expressions else None
    kind: exp.DataType | None = None
    if str(node.this).lower() in {"date_add", "date_trunc"}:
        kind = node.expressions[-1].type
    elif returns == "same":
        kind = argument
    elif returns == "element":
        kind = argument.expressions[-1] if argument is not None and argument.expressions else None
        kind = kind if isinstance(kind, exp.DataType) else None
    elif returns:
        kind = exp.DataType.build(returns, dialect=LocalTrino)
    annotator._set_type(node, kind or _DType.UNKNOWN)
    return node


def _annotate_literal(annotator: Any, node: exp.Literal) -> exp.Literal:
    decimal = _literal_decimal(node)
    if decimal:
        annotator._set_type(node, exp.DataType.build(f"DECIMAL({decimal[0]}, {decimal[1]})"))
    elif node.is_string:
        annotator._set_type(node, _DType.VARCHAR)
    elif node.is_int:
        annotator._set_type(node, _DType.INT if abs(int(node.name)) < _INT_LIMIT else _DType.BIGINT)
    else:
        annotator._set_type(node, _DType.DOUBLE)
    return node

"""The types that go together in Trino, and the errors where they do not.

Trino compares and joins only like with like: ``date > varchar`` fails on Athena, and must fail here too.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.sql.dialect import LocalTrino, place

_DType = exp.DType
_TEXT = {_DType.VARCHAR, _DType.TEXT, _DType.CHAR}
_NUMBER = {_DType.TINYINT, _DType.SMALLINT, _DType.INT, _DType.BIGINT, _DType.DOUBLE, _DType.FLOAT, _DType.DECIMAL}
_TIME = {_DType.DATE, _DType.TIMESTAMP, _DType.TIMESTAMPTZ, _DType.TIMESTAMPLTZ}
_FAMILIES = (_TEXT, _NUMBER, _TIME, {_DType.BOOLEAN}, {_DType.ARRAY}, {_DType.MAP}, {_DType.STRUCT})
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
# Functions of texts, which Trino does not give numbers or dates as texts.
_TEXT_FUNCTIONS = frozenset({
    "lpad", "ltrim", "regexp_extract", "regexp_extract_all", "regexp_like", "regexp_replace", "regexp_split", "replace",
    "rpad", "rtrim", "split", "split_part", "starts_with", "strpos", "substr", "substring",
})  # fmt: skip


def check_types(query: exp.Query) -> None:
    """Refuse what Trino's types do not allow.

    Raises
    ------
    QueryError
        ``TYPE_MISMATCH`` or ``FUNCTION_NOT_FOUND``, with the types.
    """
    _check_comparisons(query)
    for node in query.walk():
        if isinstance(node, exp.SetOperation):
            _check_set_operation(node)
        elif isinstance(node, exp.Coalesce):
            _check_alike([node.this, *node.expressions], "All COALESCE operands")
        elif isinstance(node, exp.Case):
            default = node.args.get("default")
            results = [branch.args["true"] for branch in node.args["ifs"]]
            _check_alike([*results, *([default] if default is not None else [])], "All CASE results")
        elif isinstance(node, exp.Where | exp.Having):
            _check_condition(node)
        elif isinstance(node, exp.Upper | exp.Lower | exp.Length | exp.Anonymous):
            _check_text_function(node)


def _check_comparisons(query: exp.Query) -> None:
    for node in query.walk():
        if isinstance(node.args.get("expression"), exp.Any | exp.All):
            continue  # a comparison with the rows of a subquery
        if type(node) in _OPERATORS:
            _check_pair(node, node.this, node.args["expression"], _OPERATORS[type(node)])
        elif isinstance(node, exp.Between):
            for name in ("low", "high"):
                _check_pair(node, node.this, node.args[name], "BETWEEN")
        elif isinstance(node, exp.In):
            for item in node.expressions:
                _check_pair(node, node.this, item, "IN")
        elif isinstance(node, exp.Like) and _family(node.this) not in (None, _TEXT):
            raise QueryError(
                ErrorName.TYPE_MISMATCH, f"{place(node)}: Left side of LIKE expression must evaluate to a varchar"
            )
        elif isinstance(node, exp.DPipe):
            _check_pair(node, node.this, node.expression, "||")


def _family(node: exp.Expr) -> set[exp.DType] | None:
    kind = node.type.this if node.type is not None else None
    return next((family for family in _FAMILIES if kind in family), None)


def _check_pair(node: exp.Expr, left: exp.Expr, right: exp.Expr, operator: str) -> None:
    first, second = _family(left), _family(right)
    if (
        first is None
        or second is None
        or first is second
        or (isinstance(node, exp.DPipe) and _TEXT not in (first, second))
    ):
        return
    message = f"{place(node)}: Cannot apply operator: {_type_name(left)} {operator} {_type_name(right)}"
    raise QueryError(ErrorName.TYPE_MISMATCH, message)


def _type_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Literal) and node.is_string:
        return f"varchar({len(node.name)})"
    return node.type.sql(LocalTrino).lower() if node.type is not None else "unknown"


def _check_set_operation(node: exp.SetOperation) -> None:
    left, right, name = node.left.selects, node.right.selects, type(node).__name__.upper()
    if len(left) != len(right):
        message = f"{place(node)}: {name} query has different number of fields: {len(left)}, {len(right)}"
        raise QueryError(ErrorName.TYPE_MISMATCH, message)
    for index, (first, second) in enumerate(zip(left, right, strict=True), 1):
        if differ(first, second):
            types = f"{_type_name(first)}, {_type_name(second)}"
            message = f"{place(node)}: column {index} in {name} query has incompatible types: {types}"
            raise QueryError(ErrorName.TYPE_MISMATCH, message)


def _check_alike(nodes: Sequence[exp.Expr], what: str) -> None:
    for node in nodes[1:]:
        if differ(nodes[0], node):
            types = f"{_type_name(nodes[0])} and {_type_name(node)}"
            message = f"{place(node)}: {what} must be the same type or coercible to a common type: {types}"
            raise QueryError(ErrorName.TYPE_MISMATCH, message)


def _check_condition(node: exp.Where | exp.Having) -> None:
    family = _family(node.this)
    if family is not None and _DType.BOOLEAN not in family:
        clause = type(node).__name__.upper()
        message = f"{place(node)}: {clause} clause must evaluate to a boolean: actual type {_type_name(node.this)}"
        raise QueryError(ErrorName.TYPE_MISMATCH, message)


def _check_text_function(node: exp.Expr) -> None:
    anonymous = isinstance(node, exp.Anonymous)
    name = str(node.this).lower() if anonymous else type(node).__name__.lower()
    if anonymous and (name not in _TEXT_FUNCTIONS or not node.expressions):
        return
    argument = node.expressions[0] if anonymous else node.this
    if _family(argument) in (_NUMBER, _TIME, {_DType.BOOLEAN}):
        message = f"{place(node)}: Unexpected parameters ({_type_name(argument)}) for function {name}"
        raise QueryError(ErrorName.FUNCTION_NOT_FOUND, message)


def differ(first: exp.Expr, second: exp.Expr) -> bool:
    """Whether the types of two expressions are known, and do not go together."""
    families = _family(first), _family(second)
    return None not in families and families[0] is not families[1]

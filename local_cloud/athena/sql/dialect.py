"""Reading Athena's SQL: one statement, Trino's grammar, nothing that only another engine would take."""

from __future__ import annotations

import logging
import re
from itertools import zip_longest
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.athena.errors import TOO_DEEP, ErrorName, NotSupportedError, QueryError

# The parser warns on every statement that it keeps as text; those are refused here with a better message.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Functions whose meaning and arguments the parser knows; all others go by name through the function table.
_TYPED_FUNCTIONS = frozenset({
    "ABS", "ARRAY", "ARRAY_AGG", "AVG", "COALESCE", "CONCAT", "COUNT", "CUME_DIST", "DENSE_RANK", "FIRST_VALUE",
    "GREATEST", "GROUPING", "IF", "LAG", "LAST_VALUE", "LEAD", "LEAST", "LENGTH", "LOWER", "MAP", "MAX", "MIN",
    "NTH_VALUE", "NTILE", "NULLIF", "PERCENT_RANK", "RANK", "ROW_NUMBER", "SUM", "UPPER",
})  # fmt: skip
# Statements of Athena, and of the engine beneath, that are not queries.
_OTHER_STATEMENTS = frozenset({
    "ALTER", "ANALYZE", "ATTACH", "CALL", "COPY", "CREATE", "DEALLOCATE", "DELETE", "DROP", "EXECUTE", "EXPLAIN",
    "EXPORT", "GRANT", "IMPORT", "INSERT", "INSTALL", "LOAD", "MERGE", "MSCK", "OPTIMIZE", "PRAGMA", "PREPARE",
    "REVOKE", "SET", "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM",
})  # fmt: skip
_DEEPEST = 500
PARAMETER = "_parameter_"
"""Beginning of a parameter's name; its number follows."""
_SPECIAL_FUNCTIONS = frozenset({"CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "TRY_CAST"})
_UNKNOWN_TO_TRINO: tuple[type[exp.Expr], ...] = (
    exp.ILike,
    exp.Into,
    exp.Lock,
    exp.Pivot,
    exp.Parameter,
    exp.Glob,
    exp.RegexpLike,
    exp.RegexpILike,
    exp.SimilarTo,
    exp.Command,
    exp.Hint,
    exp.CurrentUser,
    exp.SessionUser,
)


class LocalTrino(Trino):
    """Trino, with every function outside a short list kept by its name and its arguments in order."""

    INDEX_OFFSET = 0  # subscripts are kept as written, and translated with the type of what they index

    class Parser(TrinoParser):
        """The parser of :class:`LocalTrino`."""

        FUNCTIONS: ClassVar = {name: build for name, build in TrinoParser.FUNCTIONS.items() if name in _TYPED_FUNCTIONS}
        FUNCTION_PARSERS: ClassVar = {
            name: parse for name, parse in TrinoParser.FUNCTION_PARSERS.items() if name in _SPECIAL_FUNCTIONS
        }


def number_parameters(sql: str) -> str:
    """Name each ``?`` by its place in the text: the tree of the query has them in another order."""
    try:
        tokens = LocalTrino().tokenize(sql)
    except TokenError:
        return sql  # parse_query tells what is wrong
    starts = [token.start for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    for number, start in reversed([*enumerate(starts)]):
        sql = f"{sql[:start]}:{PARAMETER}{number}{sql[start + 1 :]}"
    return sql


def parse_query(sql: str) -> exp.Query:
    """Read one SELECT, WITH, VALUES, TABLE or set operation.

    Raises
    ------
    QueryError
        ``SYNTAX_ERROR`` with line and column, or ``NOT_SUPPORTED`` for a statement that is not a query.
    """
    dialect = LocalTrino()
    first = re.match(r"\s*([A-Za-z]+)", sql)
    if first and first.group(1).upper() in _OTHER_STATEMENTS:
        what = f"{first.group(1).upper()} statements"
        raise NotSupportedError(what)
    try:
        tokens = dialect.tokenize(sql)
        refuse_foreign_tokens(tokens)
        statements = [statement for statement in dialect.parse(sql) if statement is not None]
    except (ParseError, TokenError) as error:
        raise _syntax_error(error) from error
    if len(statements) > 1:
        raise QueryError(ErrorName.SYNTAX_ERROR, f"Only one sql statement is allowed. Got: {sql}")
    statement = statements[0] if statements else None
    if statement is None:
        raise QueryError(ErrorName.SYNTAX_ERROR, "line 1:1: the query is empty")
    if isinstance(statement, exp.Values):
        statement = exp.select("*").from_(exp.alias_(statement.copy(), "_values", table=True))
    if not isinstance(statement, exp.Query):
        what = f"{sql.split(maxsplit=1)[0].upper()} statements"
        raise NotSupportedError(what)
    _refuse_depth(statement)
    _refuse_foreign_syntax(statement)
    return statement


def _refuse_depth(statement: exp.Expr) -> None:
    # Planning takes the square of the depth, and cannot be cancelled.
    level: list[exp.Expr] = [statement]
    for _ in range(_DEEPEST):
        level = [inner for node in level for inner in node.iter_expressions()]
        if not level:
            return
    raise QueryError(ErrorName.STACK_OVERFLOW, TOO_DEEP)


def refuse_foreign_tokens(tokens: list[Token]) -> None:
    """Refuse what the tolerant parser would take and Trino would not."""
    opened: list[str] = []
    for index, (this, following) in enumerate(zip_longest(tokens, tokens[1:])):
        _track_parentheses(opened, tokens, index)
        kind = following.token_type if following else None
        bad = this.token_type is TokenType.DCOLON
        bad |= this.token_type is TokenType.COMMA and kind in {TokenType.COMMA, TokenType.FROM, TokenType.R_PAREN, None}
        bad |= this.token_type is TokenType.SELECT and kind in {TokenType.FROM, None}
        if bad:
            culprit = this if this.token_type is TokenType.DCOLON or following is None else following
            raise QueryError(ErrorName.SYNTAX_ERROR, f"{_place(culprit)}: mismatched input '{culprit.text}'")
        trims = this.token_type is TokenType.FROM and opened[-1:] == ["TRIM"]
        if this.token_type in {TokenType.FROM, TokenType.JOIN} and kind is TokenType.STRING and following and not trims:
            raise QueryError(
                ErrorName.SYNTAX_ERROR, f"{_place(following)}: mismatched input '{following.text}', expecting a table"
            )
    if tokens and tokens[0].token_type is TokenType.FROM:
        raise QueryError(ErrorName.SYNTAX_ERROR, f"{_place(tokens[0])}: mismatched input 'FROM'")


def _track_parentheses(opened: list[str], tokens: list[Token], index: int) -> None:
    """Keep the word before each parenthesis that is still open: ``trim(BOTH 'x' FROM 'y')`` reads no table."""
    if tokens[index].token_type is TokenType.L_PAREN:
        opened.append(tokens[index - 1].text.upper() if index else "")
    elif tokens[index].token_type is TokenType.R_PAREN and opened:
        opened.pop()


def _refuse_foreign_syntax(statement: exp.Query) -> None:
    for node in statement.walk():
        if isinstance(node, _UNKNOWN_TO_TRINO) or _foreign_argument(node):
            raise QueryError(
                ErrorName.SYNTAX_ERROR, f"mismatched input '{node.sql(LocalTrino)}', which is not Trino's SQL"
            )
        if isinstance(node, exp.CTE) and node.alias.startswith("$"):
            raise QueryError(ErrorName.NOT_SUPPORTED, f"{place(node)}: the local Athena keeps names with $ for itself")
        if isinstance(node, exp.AtTimeZone):
            raise QueryError(ErrorName.NOT_SUPPORTED, f"{place(node)}: the local Athena knows no time zone but UTC")
        if isinstance(node, exp.Table) and (node.args.get("when") or node.args.get("version")):
            raise QueryError(ErrorName.NOT_SUPPORTED, f"{place(node)}: Hive tables have no time travel")
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
            raise QueryError(ErrorName.SYNTAX_ERROR, f"{place(node)}: table functions are not available")


def _foreign_argument(node: exp.Expr) -> bool:
    if isinstance(node, exp.Star):
        return any(node.args.get(name) for name in ("except_", "replace", "rename", "except"))
    if isinstance(node, exp.Distinct):
        return bool(node.args.get("on"))
    if isinstance(node, exp.Group):
        return bool(node.args.get("all"))
    if isinstance(node, exp.Select):
        return any(node.args.get(name) for name in ("qualify", "distribute", "cluster", "sort", "laterals"))
    return isinstance(node, exp.Join) and (
        str(node.args.get("kind") or "").upper() in {"SEMI", "ANTI"} or node.args.get("method") == "NATURAL"
    )


def place(node: exp.Expr) -> str:
    """``line L:C`` where an expression begins, as near as its names tell."""
    starts = [
        (int(inner.meta["line"]), int(inner.meta["col"]) - (int(inner.meta["end"]) - int(inner.meta["start"])))
        for inner in node.walk()
        if "line" in inner.meta
    ]
    line, column = min(starts, default=(1, 1))
    return f"line {line}:{max(column, 1)}"


def _place(token: Token) -> str:
    return f"line {token.line}:{max(token.col - (token.end - token.start), 1)}"


def _syntax_error(error: ParseError | TokenError) -> QueryError:
    details = getattr(error, "errors", None)
    if not details:
        return QueryError(ErrorName.SYNTAX_ERROR, f"line 1:1: {str(error).splitlines()[0]}")
    first = details[0]
    found = str(first.get("highlight") or "")
    column = max(int(first.get("col") or 1) - max(len(found) - 1, 0), 1)
    return QueryError(ErrorName.SYNTAX_ERROR, f"line {first.get('line') or 1}:{column}: mismatched input '{found}'")

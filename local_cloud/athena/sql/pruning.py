"""What a query needs of each table it reads: which columns, and which partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.scope import Scope, traverse_scope

from local_cloud.athena.sql.dialect import LocalTrino
from local_cloud.athena.tables.catalog import Table


@dataclass(frozen=True)
class Usage:
    """What one table reference is used for.

    Attributes
    ----------
    columns
        Names of the columns the query reads, partition keys included; none for a bare ``count(*)``.
    partition_predicates
        Conditions over partition keys alone, as Trino SQL with unqualified columns; each must hold.
    """

    columns: frozenset[str]
    partition_predicates: tuple[exp.Expr, ...] = ()


def usage_of_scans(query: exp.Query, tables: Mapping[str, Table]) -> dict[str, Usage]:
    """Tell what a qualified query uses of each view in ``tables``; the query is not changed."""
    usages = {view: Usage(frozenset()) for view in tables}
    reduced = pushdown_projections(query.copy())
    for scope in traverse_scope(reduced):
        for alias, view in _scans(scope, tables):
            used = frozenset(column.name for column in scope.columns if column.table == alias)
            usages[view] = Usage(usages[view].columns | used)
    moved = pushdown_predicates(query.copy(), dialect=LocalTrino)
    for scope in traverse_scope(moved):
        for alias, view in _scans(scope, tables):
            keys = {key.name for key in tables[view].partition_keys}
            usages[view] = Usage(usages[view].columns, _predicates(scope, alias, keys))
    return usages


def _scans(scope: Scope, tables: Mapping[str, Table]) -> list[tuple[str, str]]:
    return [
        (alias, source.name)
        for alias, (_, source) in scope.selected_sources.items()
        if isinstance(source, exp.Table) and source.name in tables
    ]


def _predicates(scope: Scope, alias: str, keys: set[str]) -> tuple[exp.Expr, ...]:
    where = scope.expression.args.get("where")
    if where is None or not keys:
        return ()
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    chosen = []
    for condition in conditions:
        columns = list(condition.find_all(exp.Column))
        ours = columns and all(column.table == alias and column.name in keys for column in columns)
        if ours and not condition.find(exp.Query):
            plain = condition.copy()
            for column in plain.find_all(exp.Column):
                column.set("table", None)
            chosen.append(plain)
    return tuple(chosen)

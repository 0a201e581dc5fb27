"""From Athena's SQL to DuckDB's: names resolved against the catalog, one view for each table reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.sql.checks import check_types, differ
from local_cloud.athena.sql.dialect import PARAMETER, LocalTrino, number_parameters, parse_query, place
from local_cloud.athena.sql.expression_types import annotate
from local_cloud.athena.sql.pruning import Usage, usage_of_scans
from local_cloud.athena.sql.rewrite import rewrite
from local_cloud.athena.tables.catalog import CATALOG_NAME, Catalog, Table, find_table
from local_cloud.athena.tables.views import View

PATH_COLUMN = "$path"
_UNNAMED = "_unnamed_"
_HAVING = "_having"
# Names that the parser gives to the columns of VALUES.
_GENERATED = re.compile(r"_unnamed_|_col_\d+$")
_UNRESOLVED = re.compile(r"(?:Ambiguous column|Unknown column:|Unknown output column:|Column) '?([^' ]+?)'?(?:\.| |$)")
_POSITION = re.compile(r"Line: (\d+), Col: (\d+)")


@dataclass(frozen=True)
class Scan:
    """One reference to a table: the view that stands for it, and what the query needs of it."""

    view: str
    table: Table
    usage: Usage


@dataclass(frozen=True)
class Translation:
    """A query ready to run.

    Attributes
    ----------
    sql
        DuckDB's SQL over the views of ``scans``.
    names
        Names of the result's columns as Athena shows them; repeated names stay repeated.
    """

    sql: str
    names: tuple[str, ...]
    scans: tuple[Scan, ...]


def translate(
    sql: str, database: str, catalog: Catalog, parameters: Sequence[str] = (), defines: tuple[str, str] | None = None
) -> Translation:
    """Translate one query.

    Parameters
    ----------
    database
        The database of tables that are named without one.
    parameters
        ``ExecutionParameters``: SQL literals that take the places of ``?``.
    defines
        Database and name of the view that the query is of, which it may not name itself.

    Raises
    ------
    QueryError
        With Athena's name for what is wrong: ``SYNTAX_ERROR``, ``TABLE_NOT_FOUND``, ``COLUMN_NOT_FOUND``,
        ``FUNCTION_NOT_FOUND``, ``TYPE_MISMATCH`` and others.
    """
    query = parse_query(number_parameters(sql))
    _fill_parameters(query, parameters)
    resolver = _Resolver(catalog, defines)
    try:
        resolver.resolve(query, database)
        _name_unnamed(query)
        return _translated(query, resolver)
    except OptimizeError as error:
        raise _resolution_error(error, resolver.tables) from error
    except SqlglotError as error:
        message = f"the local Athena cannot translate the query: {error}"
        raise QueryError(ErrorName.NOT_SUPPORTED, message) from error


def _translated(query: exp.Query, resolver: _Resolver) -> Translation:
    tables = resolver.tables
    schema = _schema(tables)
    written = [] if query.is_star else [item.alias_or_name for item in query.selects]
    _having_into_where(query)
    query = qualify(query, dialect=LocalTrino, schema=schema, expand_alias_refs=False, quote_identifiers=False)
    _having_out_of_where(query)
    if any(select.is_star for select in query.find_all(exp.Select)):
        raise QueryError(ErrorName.SYNTAX_ERROR, "line 1:8: SELECT * not allowed in queries without FROM clause")
    query = annotate(query, schema)
    resolver.check_views(query)
    check_types(query)
    names = _result_names(query, written)
    usages = usage_of_scans(query, tables)
    scans = tuple(Scan(view, table, usages[view]) for view, table in tables.items())
    return Translation(rewrite(query).sql("duckdb", identify=True), names, scans)


def _fill_parameters(query: exp.Query, parameters: Sequence[str]) -> None:
    places = sorted(query.find_all(exp.Placeholder), key=_number_of)
    if len(places) != len(parameters):
        message = f"line 1:1: Incorrect number of parameters: expected {len(places)} but found {len(parameters)}"
        raise QueryError(ErrorName.INVALID_PARAMETER_USAGE, message)
    for node, text in zip(places, parameters, strict=True):
        value = parse_query(f"SELECT {text}").selects[0]
        if value.find(exp.Column, exp.Query):
            raise QueryError(ErrorName.INVALID_PARAMETER_USAGE, f"parameter {text} is not a literal")
        node.replace(value)


def _number_of(parameter: exp.Placeholder) -> int:
    number = parameter.name.removeprefix(PARAMETER)
    if not number.isdecimal() or number == parameter.name:
        raise QueryError(ErrorName.SYNTAX_ERROR, f"line 1:1: mismatched input ':{parameter.name}'")
    return int(number)


class _Resolver:
    """Points the references of a query, and of the views in it, at scans and at common table expressions.

    Their names begin with a dollar sign, which those of the query's own common table expressions do not.
    """

    def __init__(self, catalog: Catalog, defines: tuple[str, str] | None) -> None:
        self.tables: dict[str, Table] = {}
        self._catalog, self._within = catalog, [defines]
        self._found: dict[tuple[str, str], Table] = {}
        self._views: dict[tuple[str, str], tuple[exp.CTE, View]] = {}

    def resolve(self, query: exp.Query, database: str) -> None:
        """Resolve the tables of a query, and define the views that it uses before its own expressions."""
        self._resolve(query, database)
        own = query.args.get("with_")
        views = [cte for cte, _ in self._views.values()]
        if own is not None:
            own.set("expressions", [*views, *own.expressions])
        elif views:
            query.set("with_", exp.With(expressions=views))

    def check_views(self, query: exp.Query) -> None:
        """Compare the columns of each view's query, now that they are known, with those that it was made with."""
        bodies = {cte.alias: cte.this for cte in query.ctes}
        for name, (cte, view) in self._views.items():
            found = [(item.alias_or_name.lower(), item) for item in bodies[cte.alias].selects]
            made = [(column, exp.cast(exp.null(), kind, dialect=LocalTrino)) for column, kind in view.columns]
            if [column for column, _ in found] != [column for column, _ in made] or any(
                differ(then, now) for (_, now), (_, then) in zip(found, made, strict=True)
            ):
                message = (
                    f"View '{'.'.join(name)}' is stale or in invalid state: its query has other columns than it had"
                )
                raise QueryError(ErrorName.VIEW_IS_STALE, f"line 1:1: {message}")

    def _resolve(self, query: exp.Query, database: str) -> None:
        for node in _catalog_references(query):
            where = place(node)
            if node.catalog and node.catalog.lower() != CATALOG_NAME:
                message = f"{where}: Catalog '{node.catalog.lower()}' does not exist"
                raise QueryError(ErrorName.CATALOG_NOT_FOUND, message)
            name = ((node.db or database).lower(), node.name.lower())
            if name in self._within:
                raise QueryError(ErrorName.INVALID_VIEW, f"{where}: View '{'.'.join(name)}' is recursive")
            table = self._found[name] = self._found.get(name) or find_table(self._catalog, *name, where)
            _strip_qualifiers(node)
            if not node.alias:
                node.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            node.set("this", exp.to_identifier(self._stand_in(name, table, where)))
            node.set("db", None)
            node.set("catalog", None)

    def _stand_in(self, name: tuple[str, str], table: Table, where: str) -> str:
        if table.view is None:
            scan = f"$scan_{len(self.tables)}"
            self.tables[scan] = table
            return scan
        if name not in self._views:
            query = self._query_of(name, table.view, where)
            alias = exp.TableAlias(this=exp.to_identifier(f"$view_{len(self._views)}"))
            self._views[name] = exp.CTE(this=query, alias=alias), table.view
        return str(self._views[name][0].alias)

    def _query_of(self, name: tuple[str, str], view: View, where: str) -> exp.Query:
        self._within.append(name)
        try:
            query = parse_query(view.sql)
            self._resolve(query, view.database)
        except QueryError as error:
            if error.name in {ErrorName.ACCESS_DENIED, ErrorName.INVALID_VIEW}:
                raise
            message = f"{where}: Failed analyzing stored view '{'.'.join(name)}': {error.message}"
            raise QueryError(ErrorName.INVALID_VIEW, message) from error
        self._within.pop()
        return query


def _catalog_references(query: exp.Query) -> list[exp.Table]:
    """Return the references that no common table expression answers, each once."""
    seen: dict[int, exp.Table] = {}
    for scope in traverse_scope(query):
        for node in scope.tables:
            source = scope.sources.get(node.alias_or_name)
            if isinstance(source, exp.Table) or node.db:
                seen[id(node)] = node
    return list(seen.values())


def _strip_qualifiers(node: exp.Table) -> None:
    """``db.table.column`` becomes ``table.column``: the view that stands for the table lies in no database."""
    select = node.find_ancestor(exp.Select)
    for column in select.find_all(exp.Column) if select else ():
        if column.args.get("db") and column.table.lower() == node.name.lower():
            column.set("db", None)
            column.set("catalog", None)


def _name_unnamed(query: exp.Query) -> None:
    for index, select in enumerate(query.find_all(exp.Select)):
        for position, item in enumerate(list(select.expressions)):
            if not isinstance(item, exp.Alias | exp.Column | exp.Star | exp.Dot):
                alias = exp.to_identifier(f"{_UNNAMED}{index}_{position}")
                # A subquery has an alias of its own, which would not make it a column.
                item.replace(exp.Alias(this=item.copy(), alias=alias))


def _having_into_where(query: exp.Query) -> None:
    """Move each HAVING into WHERE while names are resolved; in HAVING, those of columns not selected are not."""
    for select in query.find_all(exp.Select):
        having = select.args.get("having")
        if having is not None:
            select.set("having", None)
            select.where(exp.Anonymous(this=_HAVING, expressions=[having.this]), copy=False)


def _having_out_of_where(query: exp.Query) -> None:
    for call in [*query.find_all(exp.Anonymous)]:
        select, parent = call.find_ancestor(exp.Select), call.parent
        if call.this != _HAVING or select is None or parent is None:
            continue
        (condition,) = call.expressions
        if isinstance(parent, exp.Where):
            select.set("where", None)
        else:
            parent.replace(parent.this)
        select.set("having", exp.Having(this=condition))


def _result_names(query: exp.Query, written: list[str]) -> tuple[str, ...]:
    """Return the names of the columns as the query writes them; those that come of a star are in lower case."""
    names = [item.alias_or_name or item.output_name for item in query.selects]
    if len(names) == len(written):
        names = [as_written or name for as_written, name in zip(written, names, strict=True)]
    return tuple(f"_col{index}" if _GENERATED.match(name) else name for index, name in enumerate(names))


def _schema(tables: dict[str, Table]) -> MappingSchema:
    columns: dict[str, object] = {}
    visible: dict[str, object] = {}
    for view, table in tables.items():
        declared = {column.name: column.type.sqlglot for column in table.all_columns}
        columns[view] = {**declared, PATH_COLUMN: "VARCHAR"}
        visible[view] = list(declared)
    return MappingSchema(columns, visible=visible, dialect=LocalTrino) if columns else MappingSchema(dialect=LocalTrino)


def _resolution_error(error: OptimizeError, tables: dict[str, Table]) -> QueryError:
    text = str(error)
    found = _UNRESOLVED.search(text)
    if not found:
        return QueryError(ErrorName.SYNTAX_ERROR, text.splitlines()[0])
    column = found.group(1)
    if column.isdecimal():
        return QueryError(ErrorName.INVALID_COLUMN_REFERENCE, f"line 1:1: position {column} is not in select list")
    place_found = _POSITION.search(text)
    where = "line 1:1"
    if place_found:
        line, end = place_found.groups()
        where = f"line {line}:{max(int(end) - len(column) + 1, 1)}"
    owners = [table for table in tables.values() if column in {known.name for known in table.all_columns}]
    if len(owners) > 1:
        return QueryError(ErrorName.AMBIGUOUS_NAME, f"{where}: Column '{column}' is ambiguous")
    return QueryError(ErrorName.COLUMN_NOT_FOUND, f"{where}: Column '{column}' cannot be resolved")

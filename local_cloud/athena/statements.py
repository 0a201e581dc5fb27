"""Statements that are no queries: SHOW and DESCRIBE in Athena's shapes, views, prepared statements, EXPLAIN."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from contextlib import closing
from dataclasses import dataclass, field, replace

from local_cloud.athena.engine.connection import connect, create_view, run
from local_cloud.athena.engine.relations import view_sql
from local_cloud.athena.engine.results import Result, ResultColumn
from local_cloud.athena.errors import ErrorName, NotSupportedError, QueryError
from local_cloud.athena.sql.dialect import LocalTrino, number_parameters, parse_query
from local_cloud.athena.sql.translate import translate
from local_cloud.athena.tables.catalog import CATALOG_NAME, Catalog, Column, Table, find_table
from local_cloud.athena.tables.views import encode, named_columns

_NAME = r"""(?:[`"]?[\w$-]+[`"]?\.){0,2}[`"]?[\w$-]+[`"]?"""
_WORD = r'"?\w+"?'
_PATTERN = r"(?:\s+(?:LIKE\s+)?'(?P<pattern>[^']*)')?"
_END = r"\s*;?\s*$"
_WIDTH = 20


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes
    ----------
    database
        Where bare names belong.
    parameters
        SQL literals that take the places of ``?``.
    scan_limit
        How many bytes it may scan.
    prepared
        The prepared statements of the work group, by name.
    """

    sql: str
    database: str
    parameters: tuple[str, ...] = ()
    scan_limit: int | None = None
    prepared: MutableMapping[str, str] = field(default_factory=dict)


def kind_of(sql: str) -> tuple[str, str]:
    """Return ``StatementType`` and ``SubstatementType``."""
    words = re.findall(r"[A-Za-z]+", sql[:200].upper())[:5]
    first = words[0] if words else ""
    if first in {"SHOW", "DESCRIBE", "DESC", "EXPLAIN"}:
        return "UTILITY", "DESCRIBE" if first == "DESC" else first
    if first in {"CREATE", "DROP", "PREPARE", "DEALLOCATE"}:
        return "DDL", f"{first}_VIEW" if "VIEW" in words else first
    return "DML", "SELECT"


def executed(request: Request) -> Request:
    """Put the prepared statement in the place of ``EXECUTE name USING ...``.

    Raises
    ------
    QueryError
        ``NOT_FOUND`` for a name that is not prepared.
    """
    pattern = rf"EXECUTE\s+({_WORD})(?:\s+USING\s+(.*?))?{_END}"
    found = re.match(pattern, request.sql.strip(), re.IGNORECASE | re.DOTALL)
    if found is None:
        return request
    name = found[1].strip('"')
    if name not in request.prepared:
        raise QueryError(ErrorName.NOT_FOUND, f"Prepared statement not found: {name}")
    given = parse_query(f"SELECT {found[2]}").selects if found[2] else ()
    parameters = tuple(item.sql(LocalTrino) for item in given) or request.parameters
    return replace(request, sql=request.prepared[name], parameters=parameters)


def explained(sql: str) -> tuple[str, str]:
    """Take EXPLAIN from the front of a query: return what to put there for the engine, empty without, and the query.

    Raises
    ------
    QueryError
        ``NOT_SUPPORTED`` for a plan in another form than text.
    """
    found = re.match(r"\s*EXPLAIN\b(\s+ANALYZE\b)?(?:\s*\(([^()]*)\))?", sql, re.IGNORECASE)
    if found is None:
        return "", sql
    options = (found[2] or "").upper()
    if set(re.findall(r"\w+", options)) - {"TYPE", "FORMAT", "TEXT", "LOGICAL", "DISTRIBUTED", "VALIDATE"}:
        what = f"EXPLAIN ({options})"
        raise NotSupportedError(what)
    explain = "VALIDATE" if "VALIDATE" in options else "EXPLAIN ANALYZE" if found[1] else "EXPLAIN"
    return explain, sql[found.end() :]


def answer_statement(request: Request, catalog: Catalog) -> Result | None:
    """Answer a statement that is no query; None where it is one.

    Raises
    ------
    QueryError
        For a table or database that does not exist, or a form that is not supported.
    """
    written = request.sql.strip()
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", written, flags=re.DOTALL).strip()
    for pattern, answer in _STATEMENTS:
        # The query of a view or a prepared statement keeps its comments. Athena takes none before these statements.
        found = pattern.match(written if answer in (_create_view, _prepare) else text)
        if found and not written.startswith(("--", "/*")):
            return answer(found, request, catalog)
    if re.match(r"(SHOW|DESCRIBE|DESC)\b", text, re.IGNORECASE):
        what = " ".join(text.split()[:2]).upper()
        raise NotSupportedError(what)
    return None


def _create_view(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    database, name = _qualified(found["name"], request.database)
    translation = translate(found["query"], request.database, catalog, defines=(database, name))
    with closing(connect([])) as connection:
        for scan in translation.scans:
            create_view(connection, view_sql(scan, []))
        schema = named_columns(run(connection, translation.sql).schema, translation.names)
    existing = catalog.table(database, name)
    if existing is not None and (existing.view is None or not found["replace"]):
        raise QueryError(ErrorName.ALREADY_EXISTS, f"line 1:1: '{CATALOG_NAME}.{database}.{name}' already exists")
    table_input = encode(name, found["query"].strip(), request.database.lower(), schema)
    catalog.put_view(database, table_input, replace=existing is not None)
    return Result((), ())


def _drop_view(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    database, name = _qualified(found["name"], request.database)
    table = catalog.table(database, name)
    if table is not None and table.view is not None:
        catalog.drop_view(database, name)
    elif table is not None or not found["exists"]:
        raise QueryError(ErrorName.TABLE_NOT_FOUND, f"line 1:1: View '{CATALOG_NAME}.{database}.{name}' does not exist")
    return Result((), ())


def _show_view(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    table = _table(found["name"], request.database, catalog)
    if table.view is None:
        raise QueryError(ErrorName.NOT_SUPPORTED, f"line 1:1: '{table.database}.{table.name}' is not a view")
    text = f"CREATE VIEW {table.database}.{table.name} AS\n{table.view.sql}"
    return _single("Create View", text.splitlines())


def _prepare(found: re.Match[str], request: Request, _catalog: Catalog) -> Result:
    parse_query(number_parameters(found["query"]))
    request.prepared[found["name"].strip('"')] = found["query"].strip()
    return Result((), ())


def _deallocate(found: re.Match[str], request: Request, _catalog: Catalog) -> Result:
    if request.prepared.pop(found["name"].strip('"'), None) is None:
        raise QueryError(ErrorName.NOT_FOUND, f"Prepared statement not found: {found['name']}")
    return Result((), ())


def _databases(found: re.Match[str], _request: Request, catalog: Catalog) -> Result:
    return _single("database_name", _like(catalog.databases(), found["pattern"]))


def _tables(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    name = _parts(found["name"])[-1] if found["name"] else request.database
    names = catalog.tables(name.lower())
    if names is None:
        raise QueryError(ErrorName.SCHEMA_NOT_FOUND, f"line 1:1: Schema '{name.lower()}' does not exist")
    return _single("tab_name", _like(names, found["pattern"]))


def _views(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    database = _parts(found["name"])[-1] if found["name"] else request.database
    names = [name for (name,) in _tables(found, request, catalog).rows if name]
    tables = ((name, catalog.table(database.lower(), name)) for name in names)
    return _single("views", [name for name, table in tables if table is not None and table.view is not None])


def _partitions(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    table = _table(found["name"], request.database, catalog)
    if not table.partition_keys:
        raise QueryError(ErrorName.INVALID_TABLE, f"Table {table.database}.{table.name} is not a partitioned table")
    keys = [key.name for key in table.partition_keys]
    rows = [
        "/".join(f"{key}={value}" for key, value in zip(keys, item.values, strict=True)) for item in table.partitions
    ]
    return _single("partition", sorted(rows))


def _columns(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    name = found["name"] if found["database"] is None else f"{found['database']}.{found['name']}"
    table = _table(name, request.database, catalog)
    return _single("field", [column.name.ljust(_WIDTH) for column in table.all_columns])


def _describe(found: re.Match[str], request: Request, catalog: Catalog) -> Result:
    """One text per line, its three parts padded and parted by tabs, as Athena's own API returns it."""
    table = _table(found["name"], request.database, catalog)
    lines = [_described(column) for column in table.all_columns]
    if table.partition_keys:
        heading = Column("# col_name", "data_type", "comment")
        lines += ["\t \t ", "# Partition Information\t \t ", _described(heading), "\t \t "]
        lines += [_described(key) for key in table.partition_keys]
    columns = tuple(ResultColumn(name, "string") for name in ("col_name", "data_type", "comment"))
    return Result(columns, tuple((line,) for line in lines))


def _described(column: Column) -> str:
    return "\t".join(text.ljust(_WIDTH) for text in (column.name, column.declared, column.comment))


def _single(column: str, rows: list[str]) -> Result:
    return Result((ResultColumn(column, "string"),), tuple((row,) for row in rows))


def _like(names: list[str], pattern: str | None) -> list[str]:
    if pattern is None:
        return names
    # Athena takes a regular expression here, in which * alone stands for anything.
    wanted = re.compile(re.sub(r"(?<!\.)\*", ".*", pattern).replace("%", ".*"), re.IGNORECASE)
    return [name for name in names if wanted.fullmatch(name)]


def _table(name: str, database: str, catalog: Catalog) -> Table:
    return find_table(catalog, *_qualified(name, database), "line 1:1")


def _qualified(name: str, database: str) -> tuple[str, str]:
    *owners, table = (part.lower() for part in _parts(name))
    if len(owners) > 1 and owners[0] != CATALOG_NAME:
        raise QueryError(ErrorName.CATALOG_NOT_FOUND, f"line 1:1: Catalog '{owners[0]}' does not exist")
    return owners[-1] if owners else database.lower(), table


def _parts(name: str) -> list[str]:
    return [part.strip('`"') for part in name.split(".")]


_Answer = Callable[[re.Match[str], Request, Catalog], Result]


def _statement(pattern: str, answer: _Answer) -> tuple[re.Pattern[str], _Answer]:
    return re.compile(pattern.replace(" ", r"\s+") + _END, re.IGNORECASE | re.DOTALL), answer


_STATEMENTS = (
    _statement(r"SHOW (?:DATABASES|SCHEMAS)" + _PATTERN, _databases),
    _statement(rf"SHOW TABLES(?:\s+(?:IN|FROM) (?P<name>{_NAME}))?" + _PATTERN, _tables),
    _statement(rf"SHOW VIEWS(?:\s+(?:IN|FROM) (?P<name>{_NAME}))?" + _PATTERN, _views),
    _statement(rf"SHOW CREATE VIEW (?P<name>{_NAME})", _show_view),
    _statement(rf"CREATE (?P<replace>OR REPLACE )?VIEW (?P<name>{_NAME}) AS (?P<query>.+?)", _create_view),
    _statement(rf"DROP VIEW (?P<exists>IF EXISTS )?(?P<name>{_NAME})", _drop_view),
    _statement(rf"PREPARE (?P<name>{_WORD}) FROM (?P<query>.+?)", _prepare),
    _statement(rf"DEALLOCATE PREPARE (?P<name>{_WORD})", _deallocate),
    _statement(rf"SHOW PARTITIONS (?P<name>{_NAME})", _partitions),
    _statement(rf"SHOW COLUMNS (?:IN|FROM) (?P<name>{_NAME})(?:\s+(?:IN|FROM) (?P<database>{_NAME}))?", _columns),
    _statement(rf"(?:DESCRIBE|DESC)(?:\s+FORMATTED|\s+EXTENDED)? (?P<name>{_NAME})", _describe),
)

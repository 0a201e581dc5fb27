"""DuckDB: the practical limit of what one machine does with these files."""

from __future__ import annotations

import duckdb

from benchmarks.contenders.contender import CORES
from benchmarks.contenders.contender import Contender as Base
from benchmarks.contenders.statements import FOLDER, VIEW, Section, shared_functions, silver_sections
from benchmarks.inputs import RawTable


class Contender(Base):
    """SQL in one process."""

    def start(self) -> None:
        """Open a database in memory, and define what the statements call."""
        self._connection = duckdb.connect(config={"threads": CORES, "temp_directory": str(self.target)})
        self._connection.execute((FOLDER / "duckdb.sql").read_text("utf-8"))
        for one in shared_functions():
            self._connection.execute(f"CREATE MACRO {one.name}({', '.join(one.parameters)}) AS {one.expression}")

    def bronze(self) -> None:
        """Copy the text files, one thread's order kept, so that lines are numbered as they stand."""
        for table in self.tables:
            select = f"SELECT row_number() OVER () AS meta_row_position, * FROM {self._csv(table)}"  # noqa: S608 - own names
            self._connection.execute(f"COPY ({select}) TO '{self.parquet('bronze', table.name)}' (COMPRESSION zstd)")

    def silver(self) -> None:
        """Define the views, copy the tables."""
        for table in self.tables:
            path = self.parquet("bronze", table.name)
            view = f"CREATE OR REPLACE VIEW bronze_{table.name} AS SELECT * FROM read_parquet('{path}')"  # noqa: S608 - own names
            self._connection.execute(view)
        for section in silver_sections(self.dataset, self.tables):
            if section.kind == VIEW:
                self._connection.execute(f"CREATE OR REPLACE VIEW {section.name} AS {section.select}")
            else:
                self._connection.execute(self._copy(section))

    def plans(self) -> str:
        """Plan of each table."""
        tables = [one for one in silver_sections(self.dataset, self.tables) if one.kind != VIEW]
        found = [self._connection.execute(f"EXPLAIN {self._copy(one)}").fetchall() for one in tables]
        return "\n".join(str(plan) for rows in found for _, plan in rows)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _copy(self, section: Section) -> str:
        return f"COPY ({section.select}) TO '{self.parquet('silver', section.name)}' (FORMAT parquet, COMPRESSION zstd)"

    def _csv(self, table: RawTable) -> str:
        names = ", ".join(f"'{name}'" for name in table.columns)
        quote = table.quote.replace("'", "''")
        return (
            f"read_csv('{table.as_utf8(self.target)}', delim = '{table.delimiter}', header = {table.has_header}, "
            f"all_varchar = true, quote = '{quote}', escape = '{quote}', nullstr = '', names = [{names}])"
        )

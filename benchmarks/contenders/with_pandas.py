"""pandas: whole tables in memory, one thread."""

from __future__ import annotations

import csv

import pandas as pd

from benchmarks.contenders.contender import Contender as Base
from benchmarks.contenders.pandas_columns import POSITION
from benchmarks.contenders.pandas_silver import SILVER
from benchmarks.inputs import RawTable


class Contender(Base):
    """Data frames in one process."""

    def bronze(self) -> None:
        """Read the text files into memory, and write them."""
        for table in self.tables:
            frame = _read(table)
            frame.insert(0, POSITION, range(1, len(frame) + 1))
            frame.to_parquet(self.parquet("bronze", table.name), compression="zstd", index=False)

    def silver(self) -> None:
        """Make and write each table."""
        bronze = {table.name: pd.read_parquet(self.parquet("bronze", table.name)) for table in self.tables}
        for name, frame in SILVER[self.dataset](bronze):
            frame.to_parquet(self.parquet("silver", name), compression="zstd", index=False)


def _read(table: RawTable) -> pd.DataFrame:
    quoting = {"quotechar": table.quote} if table.quote else {"quoting": csv.QUOTE_NONE}
    return pd.read_csv(
        table.path,
        sep=table.delimiter,
        names=list(table.columns),
        header=0 if table.has_header else None,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        encoding=table.encoding,
        **quoting,
    )

"""Polars: lazy frames, written while they are read where the query allows."""

from __future__ import annotations

import polars as pl

from benchmarks.contenders.contender import Contender as Base
from benchmarks.contenders.polars_silver import SILVER
from benchmarks.inputs import RawTable


class Contender(Base):
    """Expressions in one process."""

    def bronze(self) -> None:
        """Scan the text files into Parquet."""
        for table in self.tables:
            self._scanned(table).sink_parquet(self.parquet("bronze", table.name), compression="zstd")

    def silver(self) -> None:
        """Write each table."""
        for name, frame in self._silver().items():
            frame.sink_parquet(self.parquet("silver", name), compression="zstd")

    def plans(self) -> str:
        """Optimized plan of each table."""
        return "\n\n".join(f"{name}\n{frame.explain()}" for name, frame in self._silver().items())

    def _silver(self) -> dict[str, pl.LazyFrame]:
        bronze = {table.name: pl.scan_parquet(self.parquet("bronze", table.name)) for table in self.tables}
        return SILVER[self.dataset](bronze)

    def _scanned(self, table: RawTable) -> pl.LazyFrame:
        return pl.scan_csv(
            table.as_utf8(self.target),
            separator=table.delimiter,
            quote_char=table.quote or None,
            has_header=table.has_header,
            with_column_names=lambda _: list(table.columns),
            infer_schema=False,
            row_index_name="meta_row_position",
            row_index_offset=1,
        )

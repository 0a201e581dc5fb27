"""Lines in, Parquet out."""

from __future__ import annotations

import codecs

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.layout import bronze_prefix
from _shared.glue_lib.errors import UnsupportedEncodingError
from _shared.glue_lib.lake import Lake

LINE = "line"
BLOCK = "block"
"""Where in the file the split begins that a line was read with."""


def read_lines(spark: SparkSession, uri: str, encoding: str) -> DataFrame:
    r"""Read a text file as ``line`` and ``block``, split at line feeds only.

    A carriage return before the line feed is left on the line: inside a quoted field it belongs to the value.
    Spark's own CSV reader is not used, because a stray quote makes it join lines into one plausible record.

    Raises
    ------
    UnsupportedEncodingError
        The encoding does not write ASCII as ASCII, so that lines cannot be found in bytes.
    """
    lines = spark.read.text(uri, lineSep="\n")
    block = F.col("_metadata.file_block_start").alias(BLOCK)
    return lines.select(_decoded(F.col("value"), encoding, uri).alias(LINE), block)


def _decoded(value: Column, encoding: str, where: str) -> Column:
    name = codecs.lookup(encoding).name
    if name in {"utf-8", "utf-8-sig", "ascii"}:
        return value
    if "\n,".encode(name) != b"\n,":
        what = f"{where}: encoding {encoding!r} does not write line feeds as one byte"
        raise UnsupportedEncodingError(what, "convert the file to UTF-8 before it is fetched, or list another encoding")
    return F.decode(value.cast("binary"), name)


def write_parquet(frame: DataFrame, uri: str) -> None:
    """Write ZSTD Parquet, replacing what this run may have written there before it was retried."""
    options = {"compression": "zstd", "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}
    frame.write.mode("overwrite").options(**options).parquet(uri)


def read_bronze(spark: SparkSession, lake: Lake, table: str, run_id: str) -> DataFrame:
    """Read one run's bronze rows of one table."""
    return spark.read.parquet(lake.uri(bronze_prefix(table, run_id)))

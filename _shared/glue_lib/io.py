"""Read text files as lines; read and write Parquet."""

from __future__ import annotations

import codecs

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.errors import UnsupportedEncodingError
from _shared.contracts.layout import bronze_prefix
from _shared.glue_lib.bronze.undecodable import escaped, is_undecodable
from _shared.glue_lib.lake import Lake

LINE = "line"
IS_UNDECODABLE = "is_undecodable"
"""Whether a line has bytes that are invalid in the file's encoding; its text has escapes for them."""
BLOCK = "block"
"""Byte offset of the file split that a line was read from."""


def read_lines(spark: SparkSession, uri: str, encoding: str, *, undecodable: bool = False) -> DataFrame:
    r"""Read a text file as ``line``, ``is_undecodable`` and ``block``, split at line feeds only.

    A carriage return before the line feed stays on the line, because inside a quoted field it belongs to the value.
    Spark's CSV reader is not used: after a stray quote it joins unrelated lines into one record without an error.

    Parameters
    ----------
    undecodable
        Whether to look for undecodable lines; it takes time, so only for files that are known to have some.

    Raises
    ------
    UnsupportedEncodingError
        The encoding is not ASCII-compatible, so lines cannot be split in the bytes.
    """
    name = _supported(encoding, uri)
    value = F.col("value")
    line, marked = _decoded(value, name), F.lit(False)
    if undecodable:
        content = value.cast("binary")
        marked = is_undecodable(content, name)
        line = F.when(marked, escaped(content, name)).otherwise(line)
    block = F.col("_metadata.file_block_start").alias(BLOCK)
    lines = spark.read.text(uri, lineSep="\n")
    return lines.select(line.alias(LINE), marked.alias(IS_UNDECODABLE), block)


def _supported(encoding: str, where: str) -> str:
    name = codecs.lookup(encoding).name
    if "\n,".encode(name) != b"\n,":
        what = f"{where}: encoding {encoding!r} does not write line feeds as one byte"
        raise UnsupportedEncodingError(what, "convert the file to UTF-8 before it is fetched, or list another encoding")
    return name


def _decoded(value: Column, name: str) -> Column:
    return value if name in {"utf-8", "utf-8-sig", "ascii"} else F.decode(value.cast("binary"), name)


def write_parquet(frame: DataFrame, uri: str) -> None:
    """Write ZSTD Parquet. Overwrites existing files, so that a retry is idempotent."""
    options = {"compression": "zstd", "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}
    frame.write.mode("overwrite").options(**options).parquet(uri)


def read_bronze(spark: SparkSession, lake: Lake, table: str, run_id: str) -> DataFrame:
    """Read the bronze rows of one table and run."""
    return spark.read.parquet(lake.uri(bronze_prefix(table, run_id)))

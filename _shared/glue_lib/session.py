"""Spark settings that the jobs depend on. The jobs set them explicitly instead of relying on session defaults."""

from __future__ import annotations

from pyspark.sql import SparkSession

MEBIBYTE = 1024 * 1024
LARGEST_SPLIT = 128 * MEBIBYTE
"""Maximum raw bytes per task; they become 25 to 40 MB of ZSTD Parquet."""
SMALLEST_SPLIT = 12 * MEBIBYTE
"""Minimum raw bytes per task; for less, an additional task costs more than it saves."""

LARGEST_COMPILED_METHOD = 8000
"""HotSpot does not compile methods with more bytecode than this, so Spark must generate smaller methods."""


def split_count(raw_bytes: int, cores: int) -> int:
    """Return the number of tasks, and therefore output files, for an input of this size."""
    largest = -(-raw_bytes // LARGEST_SPLIT)
    return max(1, largest, min(cores, raw_bytes // SMALLEST_SPLIT))


def configure(spark: SparkSession, raw_bytes: int) -> None:
    """Set the Spark configuration of a job.

    Parameters
    ----------
    spark
        The session of the job.
    raw_bytes
        Size of the input. It determines the number of partitions and thereby the size of the written files.
    """
    splits = split_count(raw_bytes, spark.sparkContext.defaultParallelism)
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.files.maxPartitionBytes": str(LARGEST_SPLIT),
        "spark.sql.files.minPartitionNum": str(splits),
        "spark.sql.shuffle.partitions": str(splits),
        "spark.sql.codegen.hugeMethodLimit": str(LARGEST_COMPILED_METHOD),
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        # Without this, Spark fails on dates before 1582-10-15. CORRECTED writes them in the proleptic Gregorian
        # calendar, which readers of Parquet expect.
        "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    }
    for name, value in settings.items():
        spark.conf.set(name, value)

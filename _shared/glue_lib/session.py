"""Spark settings that the jobs depend on, set where they are needed rather than trusted to a session's defaults."""

from __future__ import annotations

from pyspark.sql import SparkSession

MEBIBYTE = 1024 * 1024
LARGEST_SPLIT = 128 * MEBIBYTE
"""Raw bytes that one task reads at most: 25 to 40 MB as ZSTD Parquet."""
SMALLEST_SPLIT = 12 * MEBIBYTE
"""Raw bytes below which another task costs more than it saves."""

LARGEST_COMPILED_METHOD = 8000
"""Bytes of code beyond which HotSpot leaves a method interpreted: Spark must cut its generated code smaller."""


def split_count(raw_bytes: int, cores: int) -> int:
    """How many tasks, and therefore files, an input of this size is worth."""
    largest = -(-raw_bytes // LARGEST_SPLIT)
    return max(1, largest, min(cores, raw_bytes // SMALLEST_SPLIT))


def configure(spark: SparkSession, raw_bytes: int) -> None:
    """Set what the jobs rely on.

    Parameters
    ----------
    spark
        The session of the job.
    raw_bytes
        Size of the largest input: partitions follow it, so that neither many tiny files nor huge ones are written.
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
        # Spark refuses days before 1582-10-15 unless told which calendar their readers count in; Parquet's readers
        # count in the Gregorian calendar throughout, as Spark itself does.
        "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    }
    for name, value in settings.items():
        spark.conf.set(name, value)

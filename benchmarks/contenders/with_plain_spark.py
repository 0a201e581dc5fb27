"""Spark as it is usually written: inferred schemas, its own settings, a column at a time, a count after each step."""

from __future__ import annotations

import os

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.contenders.contender import CORES
from benchmarks.contenders.contender import Contender as Base
from benchmarks.contenders.plain_spark_silver import SILVER
from benchmarks.inputs import RawTable
from benchmarks.spark_plans import recorded_plans


class Contender(Base):
    """One session with 200 shuffle partitions."""

    def start(self) -> None:
        """Start Spark."""
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master(f"local[{CORES}]").appName("plain").config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false")
        # Of the same size as ours.
        self._spark = builder.config("spark.driver.memory", "1g").getOrCreate()
        self._spark.sparkContext.setLogLevel("ERROR")
        self._spark.conf.set("spark.sql.parquet.compression.codec", "zstd")

    def bronze(self) -> None:
        """Read, count, number, write."""
        for table in self.tables:
            frame = self._read(table)
            frame.count()
            numbered = frame.withColumn("meta_row_position", F.monotonically_increasing_id() + 1)
            numbered.write.mode("overwrite").parquet(str(self.parquet("bronze", table.name)))

    def silver(self) -> None:
        """Make each table, count it, write it."""
        bronze = {}
        for table in self.tables:
            frame = self._spark.read.parquet(str(self.parquet("bronze", table.name)))
            names = [name for name in frame.columns if name != "meta_row_position"]
            bronze[table.name] = frame.dropDuplicates(names)
            bronze[table.name].count()
        for name, frame in SILVER[self.dataset](bronze).items():
            frame.count()
            frame.write.mode("overwrite").parquet(str(self.parquet("silver", name)))

    def plans(self) -> str:
        """Plans of all queries that were run."""
        return recorded_plans(self._spark)

    def close(self) -> None:
        """End Spark."""
        self._spark.stop()

    def _read(self, table: RawTable) -> DataFrame:
        options = {"sep": table.delimiter, "quote": table.quote, "escape": table.quote, "encoding": table.encoding}
        reader = self._spark.read.options(header=table.has_header, inferSchema=True, **options)
        return reader.csv(str(table.path)).toDF(*table.columns)

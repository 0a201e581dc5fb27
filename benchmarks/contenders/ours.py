"""The jobs of this repository, as they are deployed, without the object store and the catalog."""

from __future__ import annotations

import importlib

from _shared.contracts.report import JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from benchmarks.contenders.contender import Contender as Base
from benchmarks.jobs import RUN_ID, start_spark
from benchmarks.spark_plans import recorded_plans
from config.datasets import load_dataset


class Contender(Base):
    """Bronze and Silver in one Spark session."""

    def start(self) -> None:
        """Start Spark."""
        self._spark = start_spark()
        self._config = load_dataset(self.dataset)
        self._transforms = importlib.import_module(f"domains.{self.dataset}.transforms").TRANSFORMS
        self._report: JobReport | None = None

    def bronze(self) -> None:
        """Run the Bronze job."""
        run_bronze(self._spark, self._config, self.lake, RUN_ID)

    def silver(self) -> None:
        """Run the Silver job."""
        self._report = run_silver(self._spark, self._config, self._transforms, self.lake, RUN_ID)

    def rows(self) -> dict[str, int]:
        """Rows as the job reports them."""
        return {counts.table: counts.rows_out for counts in self._report.tables} if self._report else {}

    def plans(self) -> str:
        """Plans of all queries that were run."""
        return recorded_plans(self._spark)

    def close(self) -> None:
        """End Spark."""
        self._spark.stop()

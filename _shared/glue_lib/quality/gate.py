"""Judge the silver tables of a run: expectations, comparison with the previous version, anomalies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from threading import Thread

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.errors import ObjectMissingError
from _shared.contracts.layout import silver_prefix
from _shared.contracts.quality.profile import RunProfile, TableProfile
from _shared.contracts.release import Release
from _shared.contracts.report import CheckResult
from _shared.glue_lib.documents import read_profile, write_profile
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.quality.anomaly import judge
from _shared.glue_lib.quality.comparison import compare
from _shared.glue_lib.quality.profile import profile
from _shared.glue_lib.quality.thresholds import from_thresholds

_GONE = "PATH_NOT_FOUND"
_ENGINE = "_shared.glue_lib.quality.engine"


def load_library() -> Thread:
    """Import Great Expectations beside Spark's start and work: the import takes seconds of one core."""
    thread = Thread(target=import_module, args=(_ENGINE,))
    thread.start()
    return thread


@dataclass(frozen=True)
class Gate:
    """Judges the tables of one run."""

    spark: SparkSession
    lake: Lake
    config: DatasetConfig
    release: Release

    def judge(self, tables: Mapping[str, DataFrame]) -> tuple[CheckResult, ...]:
        """Return the checks of all written tables, and write the run's profile and its Data Docs.

        Parameters
        ----------
        tables
            The written tables by name. Expectations with a query find them under these names.
        """
        declared = [table for table in self.config.silver_tables if table.name in tables]
        earlier = list(self._earlier())
        for name, frame in tables.items():
            frame.createOrReplaceTempView(name)
        try:
            found = [self._table(table, tables[table.name], earlier) for table in declared]
        finally:
            for name in tables:
                self.spark.catalog.dropTempView(name)
        profiles = {table.name: seen for table, (_, seen) in zip(declared, found, strict=True)}
        release = self.release
        write_profile(self.lake, RunProfile(release.dataset, release.run_id, release.version, profiles))
        return tuple(check for checks, _ in found for check in checks)

    def _table(
        self, table: SilverTable, frame: DataFrame, earlier: Sequence[RunProfile]
    ) -> tuple[tuple[CheckResult, ...], TableProfile]:
        # Imported here, so that reading the configuration does not wait for the library.
        from _shared.glue_lib.quality.suite import check_suite  # noqa: PLC0415

        quality, previous = self.config.data_quality, self.release.previous
        expectations = (*from_thresholds(table, quality, previous), *table.expectations)
        # Not persisted: caching all columns takes longer than reading the needed columns of Parquet twice.
        checks = check_suite(self.lake, self.release, table.name, frame, expectations)
        seen = profile(frame, table, self._previous(table))
        known = {one.run_id: one.tables[table.name] for one in earlier if table.name in one.tables}
        if previous is not None:
            before = known.get(previous.run_id)
            checks += compare(seen, before, table, quality, previous)
        if not table.changes_only:
            checks += judge(table.name, seen, list(known.values()))
        return checks, seen

    def _previous(self, table: SilverTable) -> DataFrame | None:
        """Read the table in the previous version; ``None`` if it had none, or its files are gone."""
        previous = self.release.previous
        if previous is None or table.changes_only or table.name not in previous.row_counts:
            return None
        location = self.lake.uri(silver_prefix(table.name, previous.version, previous.run_id))
        try:
            return self.spark.read.parquet(location)
        except AnalysisException as error:
            if error.getErrorClass() == _GONE:
                return None
            raise

    def _earlier(self) -> Iterator[RunProfile]:
        """Read the profiles of earlier versions, as far as they have any."""
        previous = self.release.previous
        runs = dict.fromkeys((*([previous.run_id] if previous else []), *self.release.earlier_runs))
        for run_id in runs:
            try:
                yield read_profile(self.lake, self.release.dataset, run_id)
            except ObjectMissingError:
                continue

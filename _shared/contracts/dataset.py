"""Configuration of a dataset: the contract of ``domains/<dataset>/config/``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from _shared.contracts.authored import Authored
from _shared.contracts.quality.expectations import Expectation
from _shared.contracts.source import HASH, Member, Source


@dataclass(frozen=True)
class SilverColumn(Authored):
    """One column of a published table: name, Spark SQL type, and comment in the catalog."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class SilverTable(Authored):
    """One published table.

    Parameters
    ----------
    name
        Table name in the catalog. ``<name>_versions`` contains every published version.
    description
        What one row represents.
    grain
        Columns that identify a row. Uniqueness is checked before publication.
    columns
        All columns, in order. The last ones are the lineage columns, which the platform adds.
    changes_only
        Whether the rows are only the changes since the previous release. Row counts are then not compared.
    stable_key
        Columns that identify a row over time, if the grain changes between releases; empty for the grain. Versions are
        compared by it.
    expectations
        The table's suite. The author writes it in a file of its own.
    """

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[SilverColumn, ...]
    changes_only: bool = False
    stable_key: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Columns by which two versions are compared."""
        return self.stable_key or self.grain


@dataclass(frozen=True)
class DataQuality(Authored):
    """Thresholds of the checks that must pass before publication.

    Parameters
    ----------
    required_columns
        Silver columns whose share of nulls is checked.
    critical_null_threshold
        Maximum share of nulls in a required column, 0 to 1.
    max_row_count_drop
        Maximum relative decrease of the row count against the previous version, 0 to 1.
    max_quarantined_share
        Maximum share of a table's rows in quarantine, 0 to 1.
    max_removed_keys_share
        Maximum share of the previous version's keys that may be gone, 0 to 1.
    max_share_change
        Change of a column's share of nulls, or of a category's share of rows, that is reported as a warning, 0 to 1.
    """

    required_columns: tuple[str, ...] = ()
    critical_null_threshold: float = 0.05
    max_row_count_drop: float = 0.2
    max_quarantined_share: float = 0.05
    max_removed_keys_share: float = 0.1
    max_share_change: float = 0.05


@dataclass(frozen=True)
class Schedule(Authored):
    """Schedule of the pipeline.

    Parameters
    ----------
    expression
        EventBridge Scheduler expression.
    overdue_after_hours
        There is an alarm after so many hours without a run that succeeded or found nothing new: 1 to 168.
    """

    expression: str
    time_zone: str = "UTC"
    overdue_after_hours: int = 30


@dataclass(frozen=True, kw_only=True)
class PipelineConfig(Authored):
    """Configuration that every kind of pipeline has.

    Parameters
    ----------
    dataset
        Name of the dataset and of its folder.
    pipeline
        Kind of pipeline. Each kind has its own subclass with further keys.
    display_name
        Name used in stack names.
    title
        Short description of the dataset.
    schedule
        When the pipeline runs; ``None`` if it has no schedule.
    environments
        Environments to deploy the dataset to; empty means all.
    """

    dataset: str
    pipeline: str
    display_name: str
    title: str
    schedule: Schedule | None = None
    environments: tuple[str, ...] = ()

    def belongs_to(self, environment: str) -> bool:
        """Whether the dataset is deployed to an environment."""
        return not self.environments or environment in self.environments


@dataclass(frozen=True, kw_only=True)
class ReleaseConfig(PipelineConfig):
    """A dataset that is published as complete releases, with all defaults filled in.

    The author must write ``dataset``, ``sources`` and one file per table. The other keys have default values.
    ``source_url`` with ``members`` is a short form for a single source (:mod:`config.datasets`).

    Parameters
    ----------
    execution_class
        ``FLEX`` costs a third less. A job then starts when Glue has spare capacity, and may lose workers: for a dataset
        that nobody waits for.
    """

    pipeline: Literal["release"] = "release"
    sources: tuple[Source, ...]
    silver_tables: tuple[SilverTable, ...]
    bronze_job_name: str
    silver_job_name: str
    bronze_crawler_name: str
    database_name: str
    glue_version: str
    worker_type: str
    number_of_workers: int
    job_timeout_minutes: int
    execution_class: Literal["STANDARD", "FLEX"] = "STANDARD"
    data_quality: DataQuality = field(default_factory=DataQuality)

    @property
    def worker_dpus(self) -> float:
        """Data processing units of a worker: a ``G.1X`` worker has one, a ``G.2X`` worker two."""
        return float(self.worker_type.removeprefix("G.").removesuffix("X"))

    @property
    def job_dpus(self) -> float:
        """Data processing units of each job."""
        return self.number_of_workers * self.worker_dpus

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of all sources, in the order of declaration. Their tables are distinct."""
        return tuple(member for source in self.sources for member in source.members)


def hashes_personal_data(config: ReleaseConfig) -> bool:
    """Whether a column of the dataset is declared as personal and hashed."""
    return any(column.personal == HASH for member in config.members for column in member.columns)


DatasetConfig: TypeAlias = ReleaseConfig
"""Configuration of any dataset: the union of all kinds of pipeline. There is one kind so far."""

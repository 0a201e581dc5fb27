"""What a dataset is: the contract of ``domains/<dataset>/config/dataset.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


class _Authored:
    """Written by people: pydantic refuses keys that the contract does not know."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True)
class SourceColumn(_Authored):
    """One column of a delimited file.

    Parameters
    ----------
    name
        Column name in bronze, snake_case.
    header
        The header text as the source writes it.
    aliases
        Other header texts the source has used for the same column.
    """

    name: str
    header: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParseContract(_Authored):
    """How a delimited file is to be read, before anything is converted.

    Parameters
    ----------
    delimiter
        Field separator, one character.
    quote
        Quote character, doubled inside a quoted field; empty where quotes are literal.
    encodings
        Encodings to accept, in order of preference; the first that decodes the whole file is used.
    """

    delimiter: str = ","
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8", "cp1252")


@dataclass(frozen=True)
class Member(_Authored):
    """One file inside the source archive, and the bronze table it becomes.

    Parameters
    ----------
    table
        Dataset-level table name; the bronze table is ``bronze_<table>``.
    pattern
        Shell pattern that exactly one member of the archive must match.
    columns
        Every column of the file. A missing or an unknown one stops the run.
    parse
        How the file is read.
    """

    table: str
    pattern: str
    columns: tuple[SourceColumn, ...]
    parse: ParseContract = field(default_factory=ParseContract)


@dataclass(frozen=True)
class SilverColumn(_Authored):
    """One column of a published table: Spark SQL type, and the comment that the catalog shows."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class SilverTable(_Authored):
    """One published table.

    Parameters
    ----------
    name
        Table name in the catalog; ``<name>_versions`` holds every published version.
    description
        What a row is.
    grain
        Columns that identify a row. Enforced before publication.
    columns
        Every column, in order.
    """

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[SilverColumn, ...]


@dataclass(frozen=True)
class DataQuality(_Authored):
    """Checks that must hold before a version is published.

    Parameters
    ----------
    required_columns
        Silver columns in which nulls are critical.
    critical_null_threshold
        Largest tolerated share of nulls in a required column, 0 to 1.
    max_row_count_drop
        Largest tolerated relative loss of rows against the previous version, 0 to 1.
    max_quarantined_share
        Largest tolerated share of a table's rows in quarantine, 0 to 1.
    """

    required_columns: tuple[str, ...] = ()
    critical_null_threshold: float = 0.05
    max_row_count_drop: float = 0.2
    max_quarantined_share: float = 0.05


@dataclass(frozen=True)
class Schedule(_Authored):
    """When the pipeline runs: an EventBridge Scheduler expression in a time zone."""

    expression: str
    time_zone: str = "UTC"


@dataclass(frozen=True)
class DatasetConfig(_Authored):
    """One dataset, every default filled in.

    Only ``dataset``, ``source_url``, ``members`` and ``silver_tables`` must be written; the other
    keys have defaults by convention (:mod:`config.datasets`).
    """

    dataset: str
    display_name: str
    title: str
    source_url: str
    members: tuple[Member, ...]
    silver_tables: tuple[SilverTable, ...]
    bronze_job_name: str
    silver_job_name: str
    bronze_crawler_name: str
    database_name: str
    glue_version: str
    worker_type: str
    number_of_workers: int
    job_timeout_minutes: int
    data_quality: DataQuality = field(default_factory=DataQuality)
    schedule: Schedule | None = None

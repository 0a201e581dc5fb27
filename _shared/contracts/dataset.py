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
        The header text as the source writes it. Where the file has none, what the source's documentation calls it.
    aliases
        Other header texts the source has used for the same column.
    optional
        Whether a file may lack the column: bronze then has nulls in it.
    """

    name: str
    header: str = ""
    aliases: tuple[str, ...] = ()
    optional: bool = False


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
    header
        Whether the first line names the columns. Without one they are those declared, in that order.
    trailing_delimiter
        Whether every line ends with a delimiter after its last field, as in NLM's RRF files.
    """

    delimiter: str = ","
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    header: bool = True
    trailing_delimiter: bool = False


@dataclass(frozen=True)
class Member(_Authored):
    """One file inside the source archive, and the bronze table it becomes.

    Parameters
    ----------
    table
        Dataset-level table name; the bronze table is ``bronze_<table>``.
    pattern
        Shell pattern that the whole path of exactly one file in the archive must match:
        ``rrf/RXNCONSO.RRF`` is not ``prescribe/rrf/RXNCONSO.RRF``. ``*`` matches slashes, too.
    columns
        Every column of the file. A missing or an unknown one stops the run.
    parse
        How the file is read.
    optional
        Whether an archive may lack the file: its table is then absent from the release.
    """

    table: str
    pattern: str
    columns: tuple[SourceColumn, ...]
    parse: ParseContract = field(default_factory=ParseContract)
    optional: bool = False


@dataclass(frozen=True)
class ReleaseDate(_Authored):
    """Where a source's release date is written: in its address, or in the name of a file in its archive.

    Parameters
    ----------
    pattern
        Regular expression with one group around the date.
    format
        The date as :meth:`datetime.datetime.strptime` reads it, such as ``%m%d%Y``.
    """

    pattern: str
    format: str


@dataclass(frozen=True)
class Source(_Authored):
    """One file that is fetched: requested, hashed and, where it is unchanged, left alone on its own.

    Parameters
    ----------
    name
        Name within the dataset; the only source of a dataset may have the dataset's own.
    url
        Address of the file.
    members
        The files inside it.
    optional
        Whether a release may lack it: where the server says that there is no such file, its tables are absent.
    release_date
        Where its date is written; ``None`` where only ``Last-Modified`` tells.
    licensed_url
        Address that is used instead where the environment names a secret for the dataset, with ``{key}``
        where the secret's value goes. It is recorded as it is written here, without the value.
    max_megabytes
        Largest size of the file, in units of 1,000,000 bytes.
    max_seconds
        Longest time that the download may take with all its attempts.
    """

    name: str
    url: str
    members: tuple[Member, ...]
    optional: bool = False
    release_date: ReleaseDate | None = None
    licensed_url: str | None = None
    max_megabytes: int = 1_000
    max_seconds: int = 600


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
    changes_only
        The rows are what changed since the release before: how many there are says nothing about how whole it is.
    """

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[SilverColumn, ...]
    changes_only: bool = False


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

    Only ``dataset``, ``sources`` and ``silver_tables`` must be written; the other keys have defaults by
    convention, and ``source_url`` with ``members`` is short for one source (:mod:`config.datasets`).
    """

    dataset: str
    display_name: str
    title: str
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
    data_quality: DataQuality = field(default_factory=DataQuality)
    schedule: Schedule | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of every source, in the order of declaration; no two have one table."""
        return tuple(member for source in self.sources for member in source.members)

"""Configuration of a dataset: the contract of ``domains/<dataset>/config/``."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from _shared.contracts.authored import Authored
from _shared.contracts.expectations import Expectation

DELIMITED = "delimited"
"""File format: text with one record per line and fields separated by one character."""


HTTP_FILE = "http_file"
"""Source kind: one file on a web server."""

ZIP, GZIP, PLAIN = "zip", "gzip", "plain"
"""Packings of a source file."""


MASK, HASH, DROP = "mask", "hash", "drop"
"""What is done to personal data."""


@dataclass(frozen=True)
class SourceColumn(Authored):
    """One column of a delimited file.

    Parameters
    ----------
    name
        Column name in bronze, snake_case.
    header
        Header text in the source file. If the file has no header line: the name in the source's documentation.
    aliases
        Other header texts that the source has used for this column.
    optional
        Whether a file may lack the column. Bronze then contains nulls.
    personal
        For a column with personal data: ``mask``, ``hash`` or ``drop``, before anything is written
        (:mod:`_shared.glue_lib.bronze.personal`). The raw file keeps the values.
    """

    name: str
    header: str = ""
    aliases: tuple[str, ...] = ()
    optional: bool = False
    personal: Literal["mask", "hash", "drop"] | None = None


@dataclass(frozen=True)
class ParseContract(Authored):
    """How to read a file into rows of text.

    Parameters
    ----------
    delimiter
        Field separator, one character.
    quote
        Quote character, doubled inside a quoted field. Empty if quotes are ordinary characters.
    encodings
        Accepted encodings, in order of preference.
    header
        Whether the first line names the columns. If not, the file has the declared columns in the declared order.
    trailing_delimiter
        Whether every line ends with a delimiter after its last field, as in NLM's RRF files.
    format
        File format. Only ``delimited`` is implemented; the other keys belong to it.
    """

    delimiter: str = ","
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    header: bool = True
    trailing_delimiter: bool = False
    format: str = DELIMITED

    def header_names(self, line: str) -> tuple[str, ...]:
        """Split a header line into column names and trim them."""
        if self.quote:
            rows = csv.reader(io.StringIO(line), delimiter=self.delimiter, quotechar=self.quote)
        else:
            rows = csv.reader(io.StringIO(line), delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        return tuple(name.strip() for row in rows for name in row)


@dataclass(frozen=True)
class Member(Authored):
    """One file inside the source archive, and the bronze table that it is loaded into.

    Parameters
    ----------
    table
        Table name within the dataset; the bronze table is ``bronze_<table>``.
    pattern
        Shell pattern for the full path in the archive. Exactly one file must match; at least one if ``many``.
        ``rrf/RXNCONSO.RRF`` does not match ``prescribe/rrf/RXNCONSO.RRF``. ``*`` also matches slashes.
    columns
        All columns of the file. A missing or unknown column fails the run (schema drift).
    parse
        How the file is read.
    optional
        Whether the archive may lack the file or contain it without rows. The table is then absent from the release.
    many
        Whether several files may match. All have the declared columns; their rows are loaded into one table.
    """

    table: str
    pattern: str
    columns: tuple[SourceColumn, ...]
    parse: ParseContract = field(default_factory=ParseContract)
    optional: bool = False
    many: bool = False


@dataclass(frozen=True)
class ReleaseDate(Authored):
    """How to extract a source's release date from its URL or from a file name in its archive.

    Parameters
    ----------
    pattern
        Regular expression with one group that captures the date.
    format
        Format of the date for :meth:`datetime.datetime.strptime`, such as ``%m%d%Y``.
    """

    pattern: str
    format: str


@dataclass(frozen=True)
class Source(Authored):
    """One file to fetch. Each source is probed, and skipped if unchanged, independently of the others.

    Parameters
    ----------
    name
        Name within the dataset. A dataset with a single source may use the dataset's name.
    url
        URL of the file.
    members
        The files inside the source file.
    kind
        Kind of source. Only ``http_file`` is implemented; the other keys belong to it.
    packing
        ``zip``; ``gzip``, which contains one file, named without ``.gz``; or ``plain``, not packed.
    optional
        Whether a release may lack the source. If the server reports that the file does not exist, the source's
        tables are absent from the release.
    release_date
        How to extract the release date; ``None`` to use ``Last-Modified`` only.
    licensed_url
        URL to use instead of ``url`` if the environment names a secret for the dataset. ``{key}`` stands for the
        secret's value. Records and messages show the URL with ``{key}``, never the value.
    max_megabytes
        Maximum size of the file, in units of 1,000,000 bytes.
    max_seconds
        Maximum duration of the download, including retries.
    """

    name: str
    url: str
    members: tuple[Member, ...]
    optional: bool = False
    release_date: ReleaseDate | None = None
    licensed_url: str | None = None
    max_megabytes: int = 1_000
    max_seconds: int = 600
    kind: str = HTTP_FILE
    packing: str = ZIP

    @property
    def tables(self) -> tuple[str, ...]:
        """Table names of the members."""
        return tuple(member.table for member in self.members)


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
    """Schedule of the pipeline: an EventBridge Scheduler expression and its time zone."""

    expression: str
    time_zone: str = "UTC"


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
    def members(self) -> tuple[Member, ...]:
        """The members of all sources, in the order of declaration. Their tables are distinct."""
        return tuple(member for source in self.sources for member in source.members)


def hashes_personal_data(config: ReleaseConfig) -> bool:
    """Whether a column of the dataset is declared as personal and hashed."""
    return any(column.personal == HASH for member in config.members for column in member.columns)


DatasetConfig: TypeAlias = ReleaseConfig
"""Configuration of any dataset: the union of all kinds of pipeline. There is one kind so far."""

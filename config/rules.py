"""Rules of a dataset's configuration that types alone do not hold."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from _shared.contracts.dataset import DatasetConfig, Member, SilverTable
from config.environment import Environment
from config.errors import ConfigError

GLUE_VERSIONS = ("5.0", "5.1")
"""Glue versions with Spark 3.5 and Python 3.11, for which the jobs are written."""

WORKER_TYPES = ("G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X")
LARGEST_JOB_TIMEOUT_MINUTES = 10_080
"""Seven days: Glue's own limit for a job run."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_DATASET_NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
_DISPLAY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_RESOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}")
_SCHEDULE = re.compile(r"(cron|rate|at)\(.+\)")
_COLUMN_TYPE = re.compile(r"string|boolean|date|timestamp|tinyint|smallint|int|bigint|float|double|decimal\(\d+,\d+\)")


def dataset_mistakes(config: DatasetConfig) -> list[str]:
    """Return one line for each mistake: key, expectation, value found."""
    return [
        *_name_mistakes(config),
        *_job_mistakes(config),
        *_member_mistakes(config.members),
        *_table_mistakes(config.silver_tables),
        *_quality_mistakes(config),
    ]


def check_source(config: DatasetConfig, environment: Environment) -> None:
    """Refuse a source that the environment does not allow.

    Raises
    ------
    ConfigError
        The scheme or the host of ``source_url`` is not among the environment's.
    """
    url = urlsplit(config.source_url)
    where = f"domains/{config.dataset}/config/dataset.json: source_url"
    if url.scheme not in environment.allowed_source_schemes:
        msg = f"{where}: expected {' or '.join(environment.allowed_source_schemes)} (found {config.source_url!r})"
        raise ConfigError(msg)
    if url.hostname not in environment.allowed_source_hosts:
        msg = f"{where}: {url.hostname!r} is no allowed host of the environment {environment.name!r}"
        raise ConfigError(msg, f"add it to allowed_source_hosts in config/{environment.name}.json")


def _mismatch(key: str, value: object, expected: str) -> str:
    return f"{key}: expected {expected} (found {value!r})"


def _name_mistakes(config: DatasetConfig) -> Iterator[str]:
    if not _DATASET_NAME.fullmatch(config.dataset):
        yield _mismatch("dataset", config.dataset, "2 to 20 lower-case letters and digits, a letter first")
    if not _DISPLAY_NAME.fullmatch(config.display_name):
        yield _mismatch("display_name", config.display_name, "letters, digits and hyphens, a letter first")
    if not _IDENTIFIER.fullmatch(config.database_name):
        yield _mismatch("database_name", config.database_name, "lower-case letters, digits and underscores")
    for key in ("bronze_job_name", "silver_job_name", "bronze_crawler_name"):
        if not _RESOURCE_NAME.fullmatch(getattr(config, key)):
            yield _mismatch(key, getattr(config, key), "1 to 128 letters, digits, hyphens and underscores")
    if config.bronze_job_name == config.silver_job_name:
        yield _mismatch("silver_job_name", config.silver_job_name, "a name other than bronze_job_name")


def _job_mistakes(config: DatasetConfig) -> Iterator[str]:
    if config.glue_version not in GLUE_VERSIONS:
        yield _mismatch("glue_version", config.glue_version, f"one of {', '.join(GLUE_VERSIONS)}")
    if config.worker_type not in WORKER_TYPES:
        yield _mismatch("worker_type", config.worker_type, f"one of {', '.join(WORKER_TYPES)}")
    minimum_workers = 2
    if config.number_of_workers < minimum_workers:
        yield _mismatch("number_of_workers", config.number_of_workers, f"at least {minimum_workers}")
    if not 1 <= config.job_timeout_minutes <= LARGEST_JOB_TIMEOUT_MINUTES:
        expected = f"1 to {LARGEST_JOB_TIMEOUT_MINUTES}"
        yield _mismatch("job_timeout_minutes", config.job_timeout_minutes, expected)
    if config.schedule and not _SCHEDULE.fullmatch(config.schedule.expression):
        yield _mismatch("schedule.expression", config.schedule.expression, "cron(…), rate(…) or at(…)")


def _member_mistakes(members: tuple[Member, ...]) -> Iterator[str]:
    if not members:
        yield _mismatch("members", [], "at least one member")
    yield from _repeated("members", "table", (member.table for member in members))
    for index, member in enumerate(members):
        key = f"members.{index}"
        if not _IDENTIFIER.fullmatch(member.table):
            yield _mismatch(f"{key}.table", member.table, "lower-case letters, digits and underscores")
        if not member.columns:
            yield _mismatch(f"{key}.columns", [], "at least one column")
        yield from _repeated(f"{key}.columns", "name", (column.name for column in member.columns))
        headers = (text for column in member.columns for text in (column.header, *column.aliases))
        yield from _repeated(f"{key}.columns", "header", headers)
        yield from _parse_mistakes(f"{key}.parse", member)


def _parse_mistakes(key: str, member: Member) -> Iterator[str]:
    if len(member.parse.delimiter) != 1:
        yield _mismatch(f"{key}.delimiter", member.parse.delimiter, "one character")
    if len(member.parse.quote) > 1:
        yield _mismatch(f"{key}.quote", member.parse.quote, "one character or none")
    if not member.parse.encodings:
        yield _mismatch(f"{key}.encodings", [], "at least one encoding")
    for encoding in member.parse.encodings:
        try:
            codecs.lookup(encoding)
        except LookupError:
            yield _mismatch(f"{key}.encodings", encoding, "an encoding that Python knows")


def _table_mistakes(tables: tuple[SilverTable, ...]) -> Iterator[str]:
    if not tables:
        yield _mismatch("silver_tables", [], "at least one table")
    yield from _repeated("silver_tables", "name", (table.name for table in tables))
    for index, table in enumerate(tables):
        key = f"silver_tables.{index}"
        columns = [column.name for column in table.columns]
        if not _IDENTIFIER.fullmatch(table.name):
            yield _mismatch(f"{key}.name", table.name, "lower-case letters, digits and underscores")
        if not table.grain:
            yield _mismatch(f"{key}.grain", [], "at least one column")
        yield from _repeated(f"{key}.columns", "name", columns)
        for name in sorted(set(table.grain) - set(columns)):
            yield _mismatch(f"{key}.grain", name, f"a column of {table.name}")
        for column in table.columns:
            if not _COLUMN_TYPE.fullmatch(column.type):
                yield _mismatch(f"{key}.columns.{column.name}.type", column.type, "a Spark SQL type such as bigint")


def _quality_mistakes(config: DatasetConfig) -> Iterator[str]:
    quality = config.data_quality
    for name in ("critical_null_threshold", "max_row_count_drop"):
        if not 0 <= getattr(quality, name) <= 1:
            yield _mismatch(f"data_quality.{name}", getattr(quality, name), "0 to 1")
    known = {column.name for table in config.silver_tables for column in table.columns}
    for column in sorted(set(quality.required_columns) - known):
        yield _mismatch("data_quality.required_columns", column, "a column of a silver table")


def _repeated(key: str, part: str, values: Iterable[str]) -> Iterator[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield _mismatch(f"{key}.{part}", value, f"each {part} once")

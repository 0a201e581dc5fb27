"""Validate and complete the configuration of a dataset that is published as releases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from _shared.contracts.dataset import ReleaseConfig, SilverTable
from config.errors import ConfigError, describe, mismatch, one_on_a_line
from config.release.expectations import with_expectations
from config.release.notes import SOURCE_NOTES, note_mistakes, without_notes
from config.release.sources import DOWNLOADS_SECONDS
from config.release.table_files import load_tables
from config.rules import dataset_mistakes

WORKERS = {
    "small": ("G.1X", 2),
    "medium": ("G.1X", 5),
    "large": ("G.1X", 10),
    "xlarge": ("G.2X", 10),
}
"""Glue worker type and number of workers for each ``data_size_category``."""

DEFAULT_SIZE_CATEGORY = "small"
DEFAULT_GLUE_VERSION = "5.1"
DEFAULT_JOB_TIMEOUT_MINUTES = 60

_TABLES = "silver_tables"
_ADAPTER = TypeAdapter(ReleaseConfig)


def load_release(document: dict[str, Any], config_directory: Path, file: str) -> ReleaseConfig:
    """Complete ``dataset.json`` with defaults and with the tables' files.

    Parameters
    ----------
    document
        Content of the file.
    config_directory
        Folder of the file.
    file
        Name of the file in error messages.

    Raises
    ------
    ConfigError
        One of the files has a mistake.
    """
    where = file.rpartition("/")[0]
    if _TABLES in document:
        msg = f"{file}: {_TABLES}: unknown key: each silver table has a file of its own"
        raise ConfigError(msg, f"write {where}/tables/<table>.json")
    tables = with_expectations(load_tables(config_directory, where), config_directory.parent, where.rpartition("/")[0])
    return resolved(document, tables, file)


def resolved(document: dict[str, Any], tables: Sequence[SilverTable], file: str) -> ReleaseConfig:
    """Complete and validate the content of ``dataset.json``.

    Parameters
    ----------
    tables
        The silver tables, validated and with lineage columns.
    file
        Name of the file in error messages.

    Raises
    ------
    ConfigError
        The document has a mistake.
    """
    complete = with_defaults(document, file)
    notes = [mistake for place, member in _members(complete) for mistake in note_mistakes(place, member, SOURCE_NOTES)]
    plain = {**_without_notes(complete), _TABLES: [asdict(table) for table in tables]}
    try:
        config = _ADAPTER.validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        raise ConfigError(_as_written(describe(file, error), document)) from error
    mistakes = [*notes, *dataset_mistakes(config)]
    if mistakes:
        raise ConfigError(_as_written(one_on_a_line([f"{file}: {mistake}" for mistake in mistakes]), document))
    return config


def with_defaults(document: dict[str, Any], file: str) -> dict[str, Any]:
    """Add the defaults: names of jobs, crawler and database, workers, time-out."""
    rest = _with_sources(document)
    dataset = rest["dataset"]
    category = rest.pop("data_size_category", DEFAULT_SIZE_CATEGORY)
    if not isinstance(category, str) or category not in WORKERS:
        expected = f"one of {', '.join(WORKERS)}"
        msg = f"{file}: {mismatch('data_size_category', category, expected)}"
        raise ConfigError(msg)
    worker_type, number_of_workers = WORKERS[category]
    return {
        "display_name": dataset.upper(),
        "title": dataset,
        "bronze_job_name": f"{dataset}-bronze-job",
        "silver_job_name": f"{dataset}-silver-job",
        "bronze_crawler_name": f"{dataset}-bronze-crawler",
        "database_name": f"{dataset}_db",
        "glue_version": DEFAULT_GLUE_VERSION,
        "worker_type": worker_type,
        "number_of_workers": number_of_workers,
        "job_timeout_minutes": DEFAULT_JOB_TIMEOUT_MINUTES,
        **rest,
    }


def _with_sources(document: dict[str, Any]) -> dict[str, Any]:
    """Replace ``source_url``, ``members`` and ``packing`` by a list of one source with the dataset's name."""
    if "sources" in document:
        return {**document, "sources": _with_seconds(document["sources"])}
    keys = {"source_url": "url", "members": "members", "packing": "packing"}
    source = {"name": document["dataset"], **{new: document[old] for old, new in keys.items() if old in document}}
    return {**{key: value for key, value in document.items() if key not in keys}, "sources": [source]}


def _with_seconds(sources: Any) -> Any:  # noqa: ANN401 - parsed JSON, which pydantic checks
    """Divide the remaining download time among the sources without ``max_seconds``."""
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        return sources
    declared = [source["max_seconds"] for source in sources if "max_seconds" in source]
    silent = len(sources) - len(declared)
    taken = sum(seconds for seconds in declared if isinstance(seconds, int))
    share = max((DOWNLOADS_SECONDS - taken) // max(silent, 1), 1)
    return [{"max_seconds": share, **source} for source in sources]


def _members(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the members that are objects, each with its key. The validation reports all others."""
    for index, source in enumerate(_listed(document, "sources")):
        for number, member in enumerate(_listed(source, "members")):
            if isinstance(member, dict):
                yield f"sources.{index}.members.{number}.", member


def _without_notes(document: dict[str, Any]) -> dict[str, Any]:
    def stripped(source: object) -> object:
        if not isinstance(source, dict) or not isinstance(source.get("members"), list):
            return source
        members = [
            without_notes(member, SOURCE_NOTES) if isinstance(member, dict) else member for member in source["members"]
        ]
        return {**source, "members": members}

    sources = document["sources"]
    return {**document, "sources": [stripped(source) for source in sources]} if isinstance(sources, list) else document


def _listed(value: object, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _as_written(message: str, document: dict[str, Any]) -> str:
    """Replace keys in a message by those that the file uses."""
    if "sources" in document:
        return message
    in_file = message.replace(": sources.0.url:", ": source_url:").replace(": sources.0.members", ": members")
    return in_file.replace(": sources.0.packing:", ": packing:")

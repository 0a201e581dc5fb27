"""Find, validate and complete ``domains/<dataset>/config/dataset.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.messages import LISTED_CHOICES, listed, shown
from config.documents import read_document
from config.errors import ConfigError, describe, mismatch, one_on_a_line
from config.rules import dataset_mistakes
from config.sources import DOWNLOADS_SECONDS

DOMAINS_DIRECTORY = Path(__file__).parent.parent / "domains"

WORKERS = {
    "small": ("G.1X", 2),
    "medium": ("G.1X", 5),
    "large": ("G.1X", 10),
    "xlarge": ("G.2X", 10),
}
"""Glue worker type and number for each ``data_size_category``."""

DEFAULT_GLUE_VERSION = "5.1"
DEFAULT_JOB_TIMEOUT_MINUTES = 60

_ADAPTER = TypeAdapter(DatasetConfig)


def dataset_names(directory: Path = DOMAINS_DIRECTORY) -> list[str]:
    """Names of the datasets: the folders that have a ``config/dataset.json``."""
    return sorted(path.parent.parent.name for path in directory.glob("*/config/dataset.json"))


def load_dataset(name: str, directory: Path = DOMAINS_DIRECTORY) -> DatasetConfig:
    """Read one dataset's configuration with every default filled in.

    Raises
    ------
    ConfigError
        There is no such dataset, or its file has a mistake.
    """
    path = directory / name / "config" / "dataset.json"
    where = f"domains/{name}/config/dataset.json"
    if not path.is_file():
        msg = f"there is no dataset {shown(name)}"
        raise ConfigError(msg, f"choose one of {listed(dataset_names(directory), LISTED_CHOICES)}")
    document = read_document(path, where)
    if document.get("dataset") != name:
        found = mismatch("dataset", document.get("dataset"), f"{name!r}, the folder's name")
        msg = f"{where}: {found}"
        raise ConfigError(msg)
    try:
        config = _ADAPTER.validate_json(json.dumps(with_defaults(document, where)), strict=True)
    except ValidationError as error:
        raise ConfigError(_as_written(describe(where, error), document)) from error
    mistakes = dataset_mistakes(config)
    if mistakes:
        raise ConfigError(_as_written(one_on_a_line([f"{where}: {mistake}" for mistake in mistakes]), document))
    return config


def with_defaults(document: dict[str, Any], where: str) -> dict[str, Any]:
    """Fill in what convention gives: names of jobs, crawler and database, workers, time-out."""
    rest = _with_sources(document)
    dataset = rest["dataset"]
    category = rest.pop("data_size_category", "small")
    if not isinstance(category, str) or category not in WORKERS:
        expected = f"one of {', '.join(WORKERS)}"
        msg = f"{where}: {mismatch('data_size_category', category, expected)}"
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
    """Write one source, given as ``source_url`` and ``members``, as a list of one with the dataset's name."""
    if "sources" in document:
        return {**document, "sources": _with_seconds(document["sources"])}
    keys = {"source_url": "url", "members": "members"}
    source = {"name": document["dataset"], **{new: document[old] for old, new in keys.items() if old in document}}
    return {**{key: value for key, value in document.items() if key not in keys}, "sources": [source]}


def _with_seconds(sources: Any) -> Any:  # noqa: ANN401 - parsed JSON, which pydantic checks
    """Share the time for downloads among the sources; those that say nothing get what the others leave."""
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        return sources
    declared = [source["max_seconds"] for source in sources if "max_seconds" in source]
    silent = len(sources) - len(declared)
    taken = sum(seconds for seconds in declared if isinstance(seconds, int))
    share = max((DOWNLOADS_SECONDS - taken) // max(silent, 1), 1)
    return [{"max_seconds": share, **source} for source in sources]


def _as_written(message: str, document: dict[str, Any]) -> str:
    """Name the keys as the file has them."""
    if "sources" in document:
        return message
    return message.replace(": sources.0.url:", ": source_url:").replace(": sources.0.members", ": members")

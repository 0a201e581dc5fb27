"""Find and read the datasets: the folders under ``domains/`` that have a ``config/dataset.json``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.messages import LISTED_CHOICES, listed, shown
from config.distinct import check_distinct
from config.documents import read_document
from config.errors import ConfigError, mismatch
from config.release.document import DEFAULT_SIZE_CATEGORY, load_release

DOMAINS_DIRECTORY = Path(__file__).parent.parent / "domains"

PIPELINES = {"release": load_release}
"""The function that reads the configuration of each kind of pipeline (``pipeline`` in ``dataset.json``).

A configuration may only have the keys of its kind.
"""

DEFAULT_PIPELINE = "release"


def dataset_names(directory: Path = DOMAINS_DIRECTORY) -> list[str]:
    """Return the names of the datasets: the folders that have a ``config/dataset.json``."""
    return sorted(path.parent.parent.name for path in directory.glob("*/config/dataset.json"))


def load_datasets(directory: Path = DOMAINS_DIRECTORY) -> list[DatasetConfig]:
    """Read the configuration of every dataset, and check that they do not share tables or resources.

    Raises
    ------
    ConfigError
        A file has a mistake, or two datasets declare one name.
    """
    configs = [load_dataset(name, directory) for name in dataset_names(directory)]
    check_distinct(configs)
    return configs


def in_environment(config: DatasetConfig, environment: str) -> DatasetConfig:
    """Return a configuration with the names that its jobs, its crawler and its database have in an environment."""
    return replace(
        config,
        bronze_job_name=naming.in_environment(environment, config.bronze_job_name),
        silver_job_name=naming.in_environment(environment, config.silver_job_name),
        bronze_crawler_name=naming.in_environment(environment, config.bronze_crawler_name),
        database_name=naming.database(environment, config.database_name),
    )


def size_category(name: str, directory: Path = DOMAINS_DIRECTORY) -> str:
    """Return the ``data_size_category`` of a dataset whose configuration is known to be right."""
    file = f"{name}/config/dataset.json"
    category: str = read_document(directory / file, f"domains/{file}").get("data_size_category", DEFAULT_SIZE_CATEGORY)
    return category


def load_dataset(name: str, directory: Path = DOMAINS_DIRECTORY) -> DatasetConfig:
    """Read one dataset's configuration with every default filled in.

    Raises
    ------
    ConfigError
        The dataset does not exist, or one of its files has a mistake.
    """
    path = directory / name / "config" / "dataset.json"
    if not path.is_file():
        msg = f"there is no dataset {shown(name)}"
        raise ConfigError(msg, f"choose one of {listed(dataset_names(directory), LISTED_CHOICES)}")
    file = f"domains/{name}/config/dataset.json"
    document = read_document(path, file)
    if document.get("dataset") != name:
        found = mismatch("dataset", document.get("dataset"), f"{name!r}, the folder's name")
        msg = f"{file}: {found}"
        raise ConfigError(msg)
    kind = document.get("pipeline", DEFAULT_PIPELINE)
    if not isinstance(kind, str) or kind not in PIPELINES:
        found = mismatch("pipeline", kind, f"one of {', '.join(PIPELINES)}")
        msg = f"{file}: {found}"
        raise ConfigError(msg)
    return PIPELINES[kind](document, path.parent, file)

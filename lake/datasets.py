"""The datasets and environments that a user can name."""

from __future__ import annotations

from collections.abc import Sequence

from _shared.contracts.dataset import DatasetConfig
from config.datasets import dataset_names, load_dataset
from config.environment import Environment, environment_names, load_environment
from lake.errors import UserMistakeError
from lake.names import suggestion


def dataset(name: str) -> DatasetConfig:
    """Return one dataset's configuration.

    Raises
    ------
    UserMistakeError
        There is no such dataset.
    ConfigError
        Its file has a mistake.
    """
    if name not in dataset_names():
        msg = f"there is no dataset {name!r}"
        raise UserMistakeError(msg, suggestion(name, dataset_names()))
    return load_dataset(name)


def datasets(names: Sequence[str] = ()) -> list[DatasetConfig]:
    """Return the datasets named, or all of them."""
    return [dataset(name) for name in names or dataset_names()]


def environment(name: str) -> Environment:
    """Return one environment's configuration.

    Raises
    ------
    UserMistakeError
        There is no such environment.
    """
    if name not in environment_names():
        msg = f"--env {name}: there is no such environment"
        raise UserMistakeError(msg, suggestion(name, environment_names()))
    return load_environment(name)


def database_for(name: str | None) -> str:
    """Return the database to query: the one named, or the one of the only dataset.

    Raises
    ------
    UserMistakeError
        None was named, and there are several.
    """
    if name is not None:
        return name
    known = [config.database_name for config in datasets()]
    if len(known) == 1:
        return known[0]
    msg = "there are several databases"
    raise UserMistakeError(msg, f"choose one with --database: {', '.join(known)}")

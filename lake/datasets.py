"""The datasets and environments that a user can name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from _shared.contracts.dataset import DatasetConfig
from config.datasets import dataset_names, load_dataset
from config.environment import Environment, environment_names, load_environment
from lake.errors import UserMistakeError


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that was probably meant, ``None`` where none is near."""
    matches = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return matches[0] if matches else None


def suggestion(name: str, known: Sequence[str]) -> str:
    """Say what was probably meant, or list what there is."""
    meant = nearest(name, known)
    if meant:
        return f"did you mean {meant}?"
    return f"there are: {', '.join(known)}" if known else "there are none yet"


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
    if name:
        return name
    known = [config.database_name for config in datasets()]
    if len(known) == 1:
        return known[0]
    msg = "there are several databases"
    raise UserMistakeError(msg, f"choose one with --database: {', '.join(known)}")

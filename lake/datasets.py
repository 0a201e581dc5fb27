"""Find datasets, environments and databases by the names that a user gives."""

from __future__ import annotations

import re
from collections.abc import Sequence

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.messages import LISTED_CHOICES, listed, shown
from config.datasets import dataset_names, load_dataset
from config.environment import Environment, environment_names, load_environment
from lake.errors import UserMistakeError
from lake.ui.names import suggestion

_UNQUALIFIED = re.compile(r"(?<![\w.])[a-z_]\w*(?!\w*\.)")
"""Words of a query that may be table names without a database."""
_OF_A_DATABASE = re.compile(r"\b(from|show|describe|table|view)\b", re.IGNORECASE)
"""Words that show that a query needs a database."""


def dataset(name: str) -> DatasetConfig:
    """Return one dataset's configuration.

    Raises
    ------
    UserMistakeError
        The dataset does not exist.
    ConfigError
        Its file has a mistake.
    """
    if name not in dataset_names():
        msg = f"there is no dataset {shown(name)}"
        raise UserMistakeError(msg, suggestion(name, dataset_names()))
    return load_dataset(name)


def datasets(names: Sequence[str] = ()) -> list[DatasetConfig]:
    """Return the named datasets, or all datasets."""
    return [dataset(name) for name in names or dataset_names()]


def environment(name: str) -> Environment:
    """Return one environment's configuration.

    Raises
    ------
    UserMistakeError
        The environment does not exist.
    """
    if name not in environment_names():
        msg = f"--env {name}: there is no such environment"
        raise UserMistakeError(msg, suggestion(name, environment_names()))
    return load_environment(name)


def database_for(configs: Sequence[DatasetConfig], name: str | None, sql: str = "") -> str:
    """Return the database to query: the given one, the only one, or the one whose tables the query names.

    Raises
    ------
    UserMistakeError
        No database was given, and the query does not determine one.
    """
    if name is not None:
        return name
    known = sorted({config.database_name for config in configs})
    words = set(_UNQUALIFIED.findall(sql.lower()))
    meant = sorted({config.database_name for config in configs if words & _table_names(config)})
    if len(meant) == 1 or len(known) == 1:
        return (meant or known)[0]
    qualified = any(f"{database}." in sql.lower() for database in (*known, naming.OPERATIONS_DATABASE))
    if not meant and sql and (qualified or not _OF_A_DATABASE.search(sql)):
        return known[0]  # all tables are written with their database, or the query has no table
    msg = f"the query names tables of {' and '.join(meant)}" if meant else "there are several databases"
    remedy = f"choose one with --database: {listed(known, LISTED_CHOICES)}"
    raise UserMistakeError(msg, f"{remedy}; write tables of another as database.table" if meant else remedy)


def _table_names(config: DatasetConfig) -> set[str]:
    silver = [table.name for table in config.silver_tables]
    bronze = [naming.bronze_table(member.table) for member in config.members]
    return {*silver, *map(naming.versions_table, silver), *bronze}

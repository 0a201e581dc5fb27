"""Check that no two datasets share a table or an AWS resource."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.errors import ConfigError, one_on_a_line

_REMEDY = "rename one: they would be written, and deleted, by both"


def check_distinct(configs: Sequence[DatasetConfig]) -> None:
    """Check that no two datasets declare the same name.

    Table names are unique over all databases, because they are S3 prefixes: ``silver/<table>/``.

    Raises
    ------
    ConfigError
        A table, job, crawler or stack is declared twice. The message names both files.
    """
    owners: dict[tuple[str, str], str] = {}
    mistakes = []
    for config in configs:
        for kind, name, declared in _names(config):
            other = owners.setdefault((kind, name), declared)
            if other != declared:
                mistakes.append(f"{other} and {declared}: both declare the {kind} {name!r}")
    if mistakes:
        raise ConfigError(one_on_a_line(mistakes), _REMEDY)


def _names(config: DatasetConfig) -> Iterator[tuple[str, str, str]]:
    """Return kind and name of a dataset's tables and resources, each with the file that declares it."""
    directory = f"domains/{config.dataset}/config"
    file = f"{directory}/dataset.json"
    for table in config.silver_tables:
        place = f"{directory}/tables/{table.name}.json"
        yield "table", table.name, place
        yield "table", naming.versions_table(table.name), place
    for member in config.members:
        yield "table", naming.bronze_table(member.table), f"{file} (member {member.table})"
    yield "job", config.bronze_job_name, f"{file} (bronze_job_name)"
    yield "job", config.silver_job_name, f"{file} (silver_job_name)"
    yield "crawler", config.bronze_crawler_name, f"{file} (bronze_crawler_name)"
    yield "stack", naming.orchestrator_stack(config.display_name), f"{file} (display_name)"

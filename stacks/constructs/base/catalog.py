"""The Glue databases of all datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_glue as glue
from constructs import Construct

from _shared.contracts.dataset import DatasetConfig
from config.environment import Environment
from stacks.constructs.deployment import removal_policy


class LakeCatalog(Construct):
    """One database for each ``database_name``; datasets may share one."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, datasets: Sequence[DatasetConfig]
    ) -> None:
        super().__init__(scope, construct_id)
        titles: dict[str, list[str]] = defaultdict(list)
        for dataset in datasets:
            titles[dataset.database_name].append(dataset.title)
        self.databases = {name: self._database(name, titles[name], environment) for name in sorted(titles)}

    def _database(self, name: str, titles: list[str], environment: Environment) -> glue.CfnDatabase:
        database = glue.CfnDatabase(
            self,
            name,
            catalog_id=Stack.of(self).account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=name, description="; ".join(sorted(titles))),
        )
        database.apply_removal_policy(removal_policy(environment))
        return database

"""The Glue databases of all datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_glue as glue
from constructs import Construct

from _shared.contracts.dataset import DatasetConfig


class LakeCatalog(Construct):
    """One database for each ``database_name``; datasets may share one."""

    def __init__(self, scope: Construct, construct_id: str, *, datasets: Sequence[DatasetConfig]) -> None:
        super().__init__(scope, construct_id)
        titles: dict[str, list[str]] = defaultdict(list)
        for dataset in datasets:
            titles[dataset.database_name].append(dataset.title)
        self.databases = {name: self._database(name, titles[name]) for name in sorted(titles)}

    def _database(self, name: str, titles: list[str]) -> glue.CfnDatabase:
        database = glue.CfnDatabase(
            self,
            name,
            catalog_id=Stack.of(self).account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=name, description="; ".join(sorted(titles))),
        )
        # The next run makes the tables again, from the manifest and the bucket.
        database.apply_removal_policy(RemovalPolicy.DESTROY)
        return database

"""The Glue databases of all datasets, and the encryption of the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_glue as glue
from aws_cdk import aws_kms as kms
from constructs import Construct

from _shared.contracts.dataset import DatasetConfig


class LakeCatalog(Construct):
    """One database for each ``database_name``; datasets may share one.

    Parameters
    ----------
    key
        Key that encrypts the metadata of the whole account and region; ``None`` leaves that setting alone.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, datasets: Sequence[DatasetConfig], key: kms.IKey | None
    ) -> None:
        super().__init__(scope, construct_id)
        if key is not None:
            self._encrypt(key)
        titles: dict[str, list[str]] = defaultdict(list)
        for dataset in datasets:
            titles[dataset.database_name].append(dataset.title)
        self.databases = {name: self._database(name, titles[name]) for name in sorted(titles)}

    def _encrypt(self, key: kms.IKey) -> None:
        at_rest = glue.CfnDataCatalogEncryptionSettings.EncryptionAtRestProperty(
            catalog_encryption_mode="SSE-KMS", sse_aws_kms_key_id=key.key_arn
        )
        settings = glue.CfnDataCatalogEncryptionSettings.DataCatalogEncryptionSettingsProperty(
            encryption_at_rest=at_rest
        )
        glue.CfnDataCatalogEncryptionSettings(
            self, "Encryption", catalog_id=Stack.of(self).account, data_catalog_encryption_settings=settings
        )

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

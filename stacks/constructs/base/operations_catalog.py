"""The Glue database of what the platform knows about its own runs, with the results of all quality checks."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from _shared.contracts import layout, naming
from _shared.contracts.quality import results
from config.environment import Environment

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


class OperationsCatalog(Construct):
    """One table, whose files the Silver jobs write: it needs no crawler and no partitions."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, lake: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        account = Stack.of(self).account
        name = naming.database(environment.name, naming.OPERATIONS_DATABASE)
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=name, description="Runs and their quality"),
        )
        table = glue.CfnTable(
            self,
            "QualityResults",
            catalog_id=account,
            database_name=database.ref,
            table_input=glue.CfnTable.TableInputProperty(
                name=results.TABLE,
                description=results.DESCRIPTION,
                table_type="EXTERNAL_TABLE",
                parameters={"EXTERNAL": "TRUE", "classification": "parquet"},
                storage_descriptor=_storage(lake),
            ),
        )
        for resource in (database, table):
            resource.apply_removal_policy(RemovalPolicy.DESTROY)


def _storage(lake: s3.IBucket) -> glue.CfnTable.StorageDescriptorProperty:
    columns = [
        glue.CfnTable.ColumnProperty(name=name, type=kind, comment=comment)
        for name, (kind, comment) in results.COLUMNS.items()
    ]
    serde = glue.CfnTable.SerdeInfoProperty(serialization_library=f"{_PARQUET}.serde.ParquetHiveSerDe")
    return glue.CfnTable.StorageDescriptorProperty(
        columns=columns,
        location=lake.s3_url_for_object(layout.quality_results_prefix()),
        input_format=f"{_PARQUET}.MapredParquetInputFormat",
        output_format=f"{_PARQUET}.MapredParquetOutputFormat",
        serde_info=serde,
    )

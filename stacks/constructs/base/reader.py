"""The role of people and programs that read published tables, and their workgroup."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from _shared.contracts import layout, naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import Environment
from stacks.access.lake_access import READ, WRITE, catalog, confined_listing, lake_key, objects
from stacks.access.permissions import Permission, role_of
from stacks.constructs.base.query import QueryWorkgroup, Workgroup
from stacks.constructs.base.storage import ATHENA_RESULTS_PREFIX
from stacks.constructs.deployment import SharedResources

READER_RESULTS_PREFIX = f"{ATHENA_RESULTS_PREFIX}reader/"

_ASK = (
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "athena:GetQueryExecution",
    "athena:BatchGetQueryExecution",
    "athena:ListQueryExecutions",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:GetPreparedStatement",
    "athena:ListPreparedStatements",
    "athena:GetNamedQuery",
    "athena:ListNamedQueries",
)
_LOOK_UP = ("glue:GetDatabase", "glue:GetTable", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition")
_LOOK_AROUND = ("glue:GetDatabases", "glue:GetTables")


class LakeReader(Construct):
    """A role that asks Athena about silver tables. It cannot see raw, bronze, quarantine or another environment.

    Whoever the account allows ``sts:AssumeRole`` on it can use it. It has a workgroup of its own, because the results
    of other people's queries may come from tables that it must not see.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        datasets: Sequence[DatasetConfig],
        shared: SharedResources,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        tables = [table for dataset in datasets for table in dataset.silver_tables]
        published = [layout.silver_table_prefix(table.name) for table in tables]
        self.name = naming.reader(environment.resource_prefix)
        own = Workgroup(self.name, READER_RESULTS_PREFIX)
        QueryWorkgroup(self, "Query", environment=environment, shared=shared, workgroup=own)
        workgroup = stack.format_arn(service="athena", resource="workgroup", resource_name=self.name)
        databases = sorted({dataset.database_name for dataset in datasets})
        why = "Views of users, too, are read from the databases of this environment; data only from silver."
        role_of(
            self,
            iam.AccountPrincipal(stack.account),
            "Read published tables with Athena",
            [
                Permission(_ASK, (workgroup,)),
                *(catalog(stack, (*_LOOK_UP, *_LOOK_AROUND), database, ["*"], why) for database in databases),
                objects(shared, READ, *(f"{prefix}*" for prefix in published)),
                objects(shared, (*WRITE, "s3:AbortMultipartUpload"), f"{READER_RESULTS_PREFIX}*"),
                confined_listing(shared, READER_RESULTS_PREFIX, *published),
                Permission(("s3:GetBucketLocation",), (shared.lake.bucket_arn,)),
                lake_key(shared),
            ],
            name=self.name,
        )

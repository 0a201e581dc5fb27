"""CrawlBronze: the Bronze job's output is registered, by the crawler where the catalog lacks its columns.

Each call registers the run's partitions, starts the crawl or checks its result. While the crawl runs, the call fails
with ``CrawlRunningError``; the task's retries for this error are the polling loop.
"""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts import naming
from _shared.contracts.errors import CrawlRunningError
from _shared.contracts.workflow import CrawlResult
from stacks.access.catalog_access import read_tables
from stacks.access.lake_access import READ, catalog, glue_arn, listing, objects, zone
from stacks.access.permissions import Permission
from stacks.constructs.crawler import BronzeCrawler
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import FunctionSettings, catalog_variable, lake_variable
from stacks.constructs.functions import Functions
from stacks.constructs.glue_security import GlueSecurity
from stacks.steps.retries import function_retries
from stacks.steps.step import FunctionTask, Step, function_step

NAME = "CrawlBronze"

_LIMIT = Duration.minutes(1)
_POLL_SECONDS = 15
_MOST_POLLS = 120
"""Half an hour, for the run's own crawl and for an earlier crawl that is still running."""

_LOOK_AGAIN = {
    "ErrorEquals": [CrawlRunningError.__name__],
    "IntervalSeconds": _POLL_SECONDS,
    "MaxAttempts": _MOST_POLLS,
    "BackoffRate": 1,
}


def step(functions: Functions, security: GlueSecurity) -> Step:
    """Add the crawler and the function, and return the step."""
    stack, deployment = Stack.of(functions), functions.deployment
    BronzeCrawler(stack, "Crawler", deployment=deployment, security=security)
    task = FunctionTask(
        result="crawl",
        answer=CrawlResult,
        payload={"run_id.$": "$.fetch.run_id"},
        retries=[_LOOK_AGAIN, *function_retries()],
    )
    return function_step(NAME, functions.add(_settings(deployment, stack)), task)


def _settings(deployment: Deployment, stack: Stack) -> FunctionSettings:
    shared, config = deployment.shared, deployment.dataset
    quality = zone("quality", config.dataset)
    bronze = [naming.bronze_table(member.table) for member in config.members]
    return FunctionSettings(
        name=NAME,
        purpose=f"{config.dataset}: register bronze, or start its crawl and check the result",
        environment={
            **lake_variable(deployment),
            **catalog_variable(deployment),
            "CRAWLER_NAME": config.bronze_crawler_name,
        },
        permissions=[
            # The report has the end time of the Bronze job. Only a crawl that started later has seen its files.
            objects(shared, READ, f"{quality}*"),
            listing(shared, quality),
            # To register the run's partitions where the catalog has the tables already.
            read_tables(deployment, stack),
            catalog(stack, ("glue:CreatePartition",), config.database_name, bronze),
            Permission(
                ("glue:StartCrawler", "glue:GetCrawler"), (glue_arn(stack, "crawler", config.bronze_crawler_name),)
            ),
        ],
        timeout=_LIMIT,
        memory_megabytes=256,
    )

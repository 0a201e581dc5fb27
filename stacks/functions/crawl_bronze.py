"""CrawlBronze: have the crawler register what the Bronze job wrote, and see how that ended."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import naming
from stacks import time_limits
from stacks.constructs.context import Pipeline
from stacks.constructs.function import FunctionSettings
from stacks.constructs.lake_access import READ, glue_arn, listing, objects, zone
from stacks.constructs.permissions import Permission
from stacks.functions.common import lake_variable
from stacks.packaging import CRAWL_BRONZE


def settings(pipeline: Pipeline, stack: Stack) -> FunctionSettings:
    """Return what tells this function from the others."""
    shared, config = pipeline.shared, pipeline.dataset
    quality = zone("quality", config.dataset)
    return FunctionSettings(
        name=naming.crawl_bronze_function(config.dataset),
        purpose=f"{config.dataset}: start the crawl of bronze, and tell how it ended",
        package=CRAWL_BRONZE,
        environment={**lake_variable(pipeline), "CRAWLER_NAME": config.bronze_crawler_name},
        permissions=[
            # When the Bronze job was done: only a crawl that began later has seen its files.
            objects(shared, READ, f"{quality}*"),
            listing(shared, quality),
            Permission(
                ("glue:StartCrawler", "glue:GetCrawler"), (glue_arn(stack, "crawler", config.bronze_crawler_name),)
            ),
        ],
        timeout=time_limits.CRAWL_CALL,
        memory_megabytes=256,
    )

"""CrawlBronze: the Bronze job's output is registered, by the crawler where the catalog lacks its columns.

Each call of the function registers the run's partitions, starts the crawl or checks its result. While the crawler runs,
the state machine waits and asks Glue for its state.
"""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts import naming
from _shared.contracts.workflow import CRAWLING, LONGEST_CRAWL_SECONDS, CrawlResult
from stacks.access.catalog_access import read_tables
from stacks.access.lake_access import READ, catalog, glue_arn, listing, objects, zone
from stacks.access.permissions import Permission
from stacks.constructs.crawler import BronzeCrawler
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import FunctionSettings, catalog_variable, lake_variable
from stacks.constructs.functions import Functions
from stacks.constructs.glue_security import GlueSecurity
from stacks.steps.retries import job_retries
from stacks.steps.step import FunctionTask, State, Step, function_task, integration, may_invoke

NAME = "CrawlBronze"

_LIMIT = Duration.minutes(1)
_POLL_SECONDS = 15
_POLL_LIMIT = Duration.minutes(1)
_ELAPSED = "$.crawler.Crawler.CrawlElapsedTime"
"""In milliseconds."""


def step(functions: Functions, security: GlueSecurity) -> Step:
    """Add the crawler and the function, and return the step."""
    stack, deployment = Stack.of(functions), functions.deployment
    BronzeCrawler(stack, "Crawler", deployment=deployment, security=security)
    function = functions.add(_settings(deployment, stack))
    task = function_task(function, FunctionTask("crawl", CrawlResult, payload={"run_id.$": "$.fetch.run_id"}))
    crawler = deployment.dataset.bronze_crawler_name
    calls = [may_invoke(function), Permission(("glue:GetCrawler",), (glue_arn(stack, "crawler", crawler),))]
    return Step(NAME, lambda then: _states(task, _poll(stack, crawler), then), calls)


def _states(ask: State, poll: State, then: str) -> dict[str, State]:
    running, wait, look, ready = (f"{NAME} ({what})" for what in ("running?", "wait", "look", "ready?"))
    return {
        NAME: {**ask, "Next": running},
        running: {
            "Type": "Choice",
            "Choices": [{"Variable": "$.crawl.how", "StringEquals": CRAWLING, "Next": wait}],
            "Default": then,
        },
        wait: {"Type": "Wait", "Seconds": _POLL_SECONDS, "Next": look},
        look: {**poll, "Next": ready},
        ready: {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.crawler.Crawler.State", "StringEquals": "READY", "Next": NAME},
                # The function fails the step if the crawl takes longer than it may.
                {
                    "And": [
                        {"Variable": _ELAPSED, "IsPresent": True},
                        {"Variable": _ELAPSED, "NumericGreaterThan": LONGEST_CRAWL_SECONDS * 1000},
                    ],
                    "Next": NAME,
                },
            ],
            "Default": wait,
        },
    }


def _poll(stack: Stack, crawler: str) -> State:
    return {
        "Type": "Task",
        "Resource": integration(stack, "aws-sdk:glue:getCrawler"),
        "Parameters": {"Name": crawler},
        "TimeoutSeconds": int(_POLL_LIMIT.to_seconds()),
        "ResultPath": "$.crawler",
        "Retry": job_retries(),
    }


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

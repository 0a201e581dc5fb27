"""The Glue crawler: the one adapter to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from _shared.contracts.errors import CatalogBusyError, CatalogRejectedError
from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws.service_errors import code_of, named_errors

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import LastCrawlInfoTypeDef

READY = "READY"
SUCCEEDED = "SUCCEEDED"

_RUNS_ALREADY = frozenset({"CrawlerRunningException", "CrawlerStoppingException"})


@dataclass(frozen=True)
class LastCrawl:
    """The crawl that ended last, as Glue tells of it.

    Parameters
    ----------
    status
        ``SUCCEEDED``, ``CANCELLED`` or ``FAILED``.
    started_at
        Aware; ``None`` where Glue does not tell.
    log
        Log group and stream of the crawl.
    """

    status: str
    started_at: datetime | None
    error_message: str = ""
    log: str = ""


@dataclass(frozen=True)
class CrawlerStatus:
    """What the crawler does now (``READY``, ``RUNNING`` or ``STOPPING``), and did last."""

    state: str
    last: LastCrawl | None = None


class Crawler:
    """One crawler, through a Glue client."""

    def __init__(self, client: GlueClient, name: str) -> None:
        self._client = client
        self.name = name

    @classmethod
    def connect(cls, name: str) -> Crawler:
        """Use the function's own role."""
        return cls(boto3.client("glue", config=CLIENT_CONFIG), name)

    def status(self) -> CrawlerStatus:
        """Ask what the crawler does and did last."""
        with self._errors("GetCrawler"):
            found = self._client.get_crawler(Name=self.name)["Crawler"]
        last = found.get("LastCrawl")
        # Of a crawler that never ran, Glue leaves the entry out or empty.
        return CrawlerStatus(found.get("State", ""), _last_crawl(last) if last else None)

    def start(self) -> bool:
        """Start a crawl; return whether this did, which it does not where one runs already."""
        with self._errors("StartCrawler"):
            try:
                self._client.start_crawler(Name=self.name)
            except ClientError as error:
                if code_of(error) in _RUNS_ALREADY:
                    return False
                raise
            return True

    def _errors(self, action: str) -> AbstractContextManager[None]:
        return named_errors(f"glue:{action}", self.name, CatalogBusyError, CatalogRejectedError)


def _last_crawl(found: LastCrawlInfoTypeDef) -> LastCrawl:
    log = " ".join(part for part in (found.get("LogGroup"), found.get("LogStream")) if part)
    return LastCrawl(found.get("Status", ""), found.get("StartTime"), found.get("ErrorMessage", ""), log)

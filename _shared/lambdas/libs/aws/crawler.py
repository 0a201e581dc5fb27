"""Adapter to the Glue crawler."""

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
    """The last finished crawl.

    Parameters
    ----------
    status
        ``SUCCEEDED``, ``CANCELLED`` or ``FAILED``.
    started_at
        Timezone-aware; ``None`` if Glue does not report it.
    log
        Log group and stream of the crawl.
    """

    status: str
    started_at: datetime | None
    error_message: str = ""
    log: str = ""


@dataclass(frozen=True)
class CrawlerStatus:
    """State of the crawler (``READY``, ``RUNNING``, ``STOPPING``), its last crawl, and the age of a running one."""

    state: str
    last: LastCrawl | None = None
    elapsed_seconds: float = 0


class Crawler:
    """One Glue crawler."""

    def __init__(self, client: GlueClient, name: str) -> None:
        self._client = client
        self.name = name

    @classmethod
    def connect(cls, name: str) -> Crawler:
        """Create the adapter with the function's role."""
        return cls(boto3.client("glue", config=CLIENT_CONFIG), name)

    def status(self) -> CrawlerStatus:
        """Return the state of the crawler and its last crawl."""
        with self._errors("GetCrawler"):
            found = self._client.get_crawler(Name=self.name)["Crawler"]
        last = found.get("LastCrawl")
        # For a crawler that never ran, LastCrawl is missing or empty.
        elapsed = found.get("CrawlElapsedTime", 0) / 1000
        return CrawlerStatus(found.get("State", ""), _last_crawl(last) if last else None, elapsed)

    def start(self) -> bool:
        """Start a crawl. Return false if a crawl is running already."""
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

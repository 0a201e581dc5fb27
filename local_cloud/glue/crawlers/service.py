"""StartCrawler and StopCrawler. MiniStack's own crawler only waits five seconds."""

from __future__ import annotations

import contextvars
import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud import seams
from local_cloud.glue.answers import Response, answer, glue_arn, refusal
from local_cloud.glue.crawlers.catalog import CatalogWriter
from local_cloud.glue.crawlers.layout import UnsuitableLayoutError, crawl_target, target_of
from local_cloud.glue.crawlers.parquet_schema import UnreadableFileError
from local_cloud.glue.crawlers.policy import UnsupportedPolicyError
from local_cloud.glue.jobs.logs import CRAWLER_GROUP, LogStream
from local_cloud.iam.sessions import RoleNotAssumableError, RoleSession, assume_as_service

_stops: dict[str, threading.Event] = {}
_starting = threading.Lock()
_logger = logging.getLogger("local_cloud.glue.crawlers.service")
_TOLD = (
    ClientError,
    BotoCoreError,
    RoleNotAssumableError,
    UnsuitableLayoutError,
    UnreadableFileError,
    UnsupportedPolicyError,
)


class CrawlCancelledError(Exception):
    """StopCrawler was called."""


def install() -> None:
    """Replace MiniStack's handlers of crawls."""
    restore = seams.RESTORE_GLUE.value

    def restore_state(data: dict[str, Any]) -> None:
        restore(data)
        fail_interrupted()

    seams.RESTORE_GLUE.replace(restore_state)
    seams.START_CRAWLER.replace(start_crawler)
    seams.STOP_CRAWLER.replace(stop_crawler)


def start_crawler(data: dict[str, Any]) -> Response:
    """Answer StartCrawler: the crawl runs in a thread, and the crawler's state is RUNNING."""
    name = data.get("Name", "")
    crawler = seams.CRAWLERS.value.get(name)
    if crawler is None:
        return refusal("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
    with _starting:
        if crawler["State"] != "READY":
            return refusal("CrawlerRunningException", f"Crawler with name {name} has already started")
        crawler.update(State="RUNNING", CrawlElapsedTime=0)
    arn = glue_arn(f"crawler/{name}")
    _stops[arn] = threading.Event()
    threading.Thread(target=contextvars.copy_context().run, args=(_run, crawler, arn), daemon=True).start()
    return answer({})


def stop_crawler(data: dict[str, Any]) -> Response:
    """Answer StopCrawler: the crawl ends as CANCELLED at its next step."""
    name = data.get("Name", "")
    crawler = seams.CRAWLERS.value.get(name)
    if crawler is None:
        return refusal("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
    with _starting:
        if crawler["State"] == "STOPPING":
            return refusal("CrawlerStoppingException", f"Crawler with name {name} is stopping")
        if crawler["State"] != "RUNNING":
            return refusal("CrawlerNotRunningException", f"Crawler with name {name} is not running")
        crawler["State"] = "STOPPING"
    _stops[glue_arn(f"crawler/{name}")].set()
    return answer({})


def fail_interrupted() -> None:
    """Mark crawls that an earlier process left unfinished as FAILED."""
    for crawler in seams.CRAWLERS.value.all_values():
        if crawler["State"] != "READY":
            message = "The local cloud was stopped while the crawl was going"
            last = {"Status": "FAILED", "ErrorMessage": message, "StartTime": time.time()}
            crawler.update(State="READY", LastCrawl=last)


def _run(crawler: dict[str, Any], arn: str) -> None:
    started, crawl_id = time.time(), secrets.token_hex(8)
    status, message = "SUCCEEDED", ""
    try:
        _crawl(crawler, arn, crawl_id, _go_on(_stops[arn]))
    except CrawlCancelledError:
        status = "CANCELLED"
    except _TOLD as error:
        status, message = "FAILED", str(error)
    except Exception as error:  # the thread has no caller: the error goes into the crawler's record
        _logger.exception("crawler %s broke", crawler["Name"])
        status, message = "FAILED", f"Internal Service Exception: {type(error).__name__}: {error}"
    last = {
        "Status": status,
        "LogGroup": CRAWLER_GROUP,
        "LogStream": crawler["Name"],
        "MessagePrefix": crawl_id,
        "StartTime": started,
        **({"ErrorMessage": message} if message else {}),
    }
    # Set READY last: clients poll for it, and then read LastCrawl.
    crawler["LastCrawl"] = last
    crawler["CrawlElapsedTime"] = int((time.time() - started) * 1000)
    crawler["State"] = "READY"
    _logger.info("crawler %s: %s %s", crawler["Name"], status, message)


def _crawl(crawler: dict[str, Any], arn: str, crawl_id: str, go_on: Callable[[], None]) -> None:
    session: RoleSession = assume_as_service(crawler["Role"], "glue.amazonaws.com", "AWS-Crawler", arn)
    log = LogStream(session.client("logs"), CRAWLER_GROUP, crawler["Name"])
    log.write([f"[{crawl_id}] BENCHMARK : Running Start Crawl for Crawler {crawler['Name']}"])
    s3, writer = session.client("s3"), CatalogWriter(session.client("glue"), crawler)
    done: list[str] = []
    for given in crawler.get("Targets", {}).get("S3Targets", []):
        target = target_of(given["Path"], crawler.get("TablePrefix") or "")
        found = crawl_target(s3, target, go_on, writer.known_locations(target))
        go_on()
        done += writer.write(found) if found else writer.write_nothing(target)
    log.write([f"[{crawl_id}] INFO : {line}" for line in done])


def _go_on(stopped: threading.Event) -> Callable[[], None]:
    def check() -> None:
        if stopped.is_set():
            raise CrawlCancelledError

    return check

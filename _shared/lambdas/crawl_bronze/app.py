"""Entry point of the CrawlBronze function."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from _shared.contracts.codec import decode, decode_text, encode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.workflow import CrawlRequest
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.crawler import Crawler
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import CrawlSettings
from _shared.lambdas.libs.steps.crawl import CrawlServices, crawl_bronze

CONFIG = decode_text(DatasetConfig, (Path(__file__).parent / "dataset.json").read_bytes(), "dataset.json")
SETTINGS = CrawlSettings.read(os.environ)
SERVICES = CrawlServices(
    LakeStorage.connect(SETTINGS.lake_bucket), Crawler.connect(SETTINGS.crawler), Catalog.connect(SETTINGS.database)
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Register the run's bronze tables in the catalog."""
    return encode(crawl_bronze(decode(CrawlRequest, event, "event"), CONFIG, SERVICES))

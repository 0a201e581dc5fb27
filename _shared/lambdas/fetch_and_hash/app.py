"""Entry point of the FetchAndHash function."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from _shared.contracts.codec import decode, decode_text, encode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.workflow import FetchRequest
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.steps.fetch import FetchServices, fetch_and_hash

CONFIG = decode_text(DatasetConfig, (Path(__file__).parent / "dataset.json").read_bytes(), "dataset.json")
SETTINGS = FetchSettings.read(os.environ)
STORAGE, SOURCE = LakeStorage.connect(SETTINGS.lake_bucket), SourceClient.connect(SETTINGS.rules)
CATALOG = Catalog.connect(SETTINGS.database)
SERVICES = FetchServices(STORAGE, SOURCE, Executions.connect().is_running, CATALOG)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Fetch the sources, decide whether there is work, and unpack the files."""
    return encode(fetch_and_hash(decode(FetchRequest, event, "event"), CONFIG, SETTINGS, SERVICES))

"""Entry point of the UpdateManifest function."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from _shared.contracts.codec import decode, decode_text, encode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.workflow import UpdateRequest
from _shared.lambdas.libs.aws.alerts import Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import UpdateSettings
from _shared.lambdas.libs.steps.publish import UpdateServices, update

CONFIG = decode_text(DatasetConfig, (Path(__file__).parent / "dataset.json").read_bytes(), "dataset.json")
SETTINGS = UpdateSettings.read(os.environ)
STORAGE, CATALOG = LakeStorage.connect(SETTINGS.lake_bucket), Catalog.connect(SETTINGS.database)
NOTICES = Alerts.connect(SETTINGS.success_topic) if SETTINGS.success_topic else None
SERVICES = UpdateServices(STORAGE, CATALOG, Executions.connect().history, SETTINGS.lineage, NOTICES)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Publish a release, or repair the catalog."""
    return encode(update(decode(UpdateRequest, event, "event"), CONFIG, SERVICES))

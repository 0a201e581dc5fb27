"""Entry point of the RecordFailure function, which EventBridge invokes for a failed execution."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from _shared.contracts.codec import decode_text, encode
from _shared.contracts.dataset import DatasetConfig
from _shared.lambdas.libs.aws.alerts import Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FailureSettings
from _shared.lambdas.libs.steps.failure import FailureServices, record_failure

CONFIG = decode_text(DatasetConfig, (Path(__file__).parent / "dataset.json").read_bytes(), "dataset.json")
SETTINGS = FailureSettings.read(os.environ)
STORAGE, CATALOG = LakeStorage.connect(SETTINGS.lake_bucket), Catalog.connect(SETTINGS.database)
ALERTS = Alerts.connect(SETTINGS.alert_topic)
SERVICES = FailureServices(STORAGE, Executions.connect(), ALERTS, CATALOG, SETTINGS.lineage)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Reconcile the catalog, record the failure, release the lease, and send the alert."""
    return encode(record_failure(event, CONFIG, SERVICES))

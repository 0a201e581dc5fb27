"""Write the lineage of an attempt to the lake, and send it to an OpenLineage endpoint if one is configured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import requests

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import lineage_key
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import SKIPPED, RunRecord
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.openlineage.events import BRONZE, SILVER, Facts, events
from _shared.lambdas.libs.openlineage.facets import Document
from _shared.lambdas.libs.run import reports
from _shared.lambdas.libs.s3_io import LakeStorage

_SECONDS = 10
"""An endpoint that takes longer does not get the event."""


@dataclass(frozen=True)
class LineageSettings:
    """Where lineage goes, besides the lake.

    Parameters
    ----------
    environment
        Namespace of the jobs, such as ``prod/PP-RAWS``.
    endpoint
        URL that receives each event in a POST request; ``None`` for none.
    """

    environment: str
    endpoint: str | None = None


def emit_lineage(storage: LakeStorage, config: DatasetConfig, record: RunRecord, settings: LineageSettings) -> None:
    """Write and send the events of an attempt. An endpoint that does not take them is logged, and fails nothing.

    Raises
    ------
    TransientError, TerminalError
        The events were not written to the lake.
    """
    if record.status == SKIPPED:
        return
    try:
        bronze, silver = (_report(storage, record, layer) for layer in (BRONZE, SILVER))
        facts = Facts(config, record, f"s3://{storage.bucket}", settings.environment, bronze, silver)
        found = list(events(facts))
        if not found:
            return
        lines = "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in found)
        storage.put(lineage_key(record.dataset, record.run_id, record.redrive_count), lines.encode())
        if settings.endpoint is not None:
            _send(settings.endpoint, found)
    except requests.RequestException:
        LOGGER.exception("the lineage of the run was not sent", endpoint=settings.endpoint)


def _report(storage: LakeStorage, record: RunRecord, layer: str) -> JobReport | None:
    return reports.find_report(storage, record.dataset, record.run_id, layer)


def _send(endpoint: str, found: Sequence[Document]) -> None:
    with requests.Session() as session:
        for event in found:
            session.post(endpoint, json=event, timeout=_SECONDS).raise_for_status()

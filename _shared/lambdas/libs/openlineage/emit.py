"""Write the lineage of an attempt to the lake, and send it to an OpenLineage endpoint if one is configured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import requests

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import lineage_key
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import RunRecord
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


def write_lineage(
    storage: LakeStorage, config: DatasetConfig, record: RunRecord, settings: LineageSettings
) -> tuple[Document, ...]:
    """Write the events of an attempt to the lake, and return them.

    Raises
    ------
    TransientError, TerminalError
        They were not written.
    """
    bronze, silver = (_report(storage, record, layer) for layer in (BRONZE, SILVER))
    facts = Facts(config, record, f"s3://{storage.bucket}", settings.environment, bronze, silver)
    found = tuple(events(facts))
    if found:
        lines = "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in found)
        storage.put(lineage_key(record.dataset, record.run_id, record.redrive_count), lines.encode())
    return found


def send_lineage(found: Sequence[Document], settings: LineageSettings) -> None:
    """Send events to the endpoint, if there is one. It is called last: a receiver may be slow, or not answer at all.

    What it does not take is logged, and stays in the lake.
    """
    if settings.endpoint is None:
        return
    try:
        with requests.Session() as session:
            for event in found:
                # The body of an answer is not read, however long it is.
                with session.post(settings.endpoint, json=event, timeout=_SECONDS, stream=True) as answer:
                    answer.raise_for_status()
    except requests.RequestException:
        LOGGER.exception("the lineage of the run was not sent", endpoint=settings.endpoint)


def _report(storage: LakeStorage, record: RunRecord, layer: str) -> JobReport | None:
    return reports.find_report(storage, record.dataset, record.run_id, layer)

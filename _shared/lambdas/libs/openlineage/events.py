"""The OpenLineage events of an attempt, as a function of its run record and the reports of its jobs.

Three jobs have a lineage: ``<dataset>.bronze`` reads the files of the sources, ``<dataset>.silver`` reads the bronze
tables, and ``<dataset>.quality`` checks the silver tables. Each that began has an event ``START`` and one ``COMPLETE``
or ``FAIL``. Ids of runs are derived from the run id, so that a repeated call gives the same events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.errors import QualityCheckFailedError
from _shared.contracts.naming import bronze_table, job_step
from _shared.contracts.report import JobReport, TableCounts
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.lambdas.libs.openlineage import facets
from _shared.lambdas.libs.openlineage.facets import PRODUCER, Document

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
BRONZE, SILVER, QUALITY = "bronze", "silver", "quality"


@dataclass(frozen=True)
class Facts:
    """What is known of an attempt.

    Parameters
    ----------
    lake
        Namespace of the tables: the lake bucket, as ``s3://...``.
    environment
        Namespace of the jobs.
    bronze, silver
        Reports of the jobs; ``None`` for a job that wrote none.
    """

    config: DatasetConfig
    record: RunRecord
    lake: str
    environment: str
    bronze: JobReport | None = None
    silver: JobReport | None = None


def events(facts: Facts) -> Iterator[Document]:
    """Yield the events of the attempt's jobs, in order."""
    for layer, report, failed in _jobs(facts):
        started, ended = _times(facts.record, layer)
        inputs, outputs = _datasets(facts, layer, report)
        yield _event(facts, layer, "START", started, inputs=inputs, outputs=[])
        kind = "FAIL" if failed else "COMPLETE"
        yield _event(facts, layer, kind, ended, inputs=inputs, outputs=outputs)


def _jobs(facts: Facts) -> Iterator[tuple[str, JobReport | None, bool]]:
    """Yield the jobs that began: layer, report, and whether the job failed."""
    stopped_in = facts.record.step if facts.record.status == FAILED else None
    began = {step.step for step in facts.record.steps}
    for layer, report in ((BRONZE, facts.bronze), (SILVER, facts.silver)):
        # A report may be of an earlier attempt. Without the history, it is taken for one of this attempt.
        if job_step(layer) not in began and (began or report is None):
            continue
        # A silver job that a check has stopped has written its tables.
        failed = stopped_in == job_step(layer) and facts.record.error != QualityCheckFailedError.__name__
        yield layer, None if failed else report, failed
        if layer == SILVER and report is not None and not failed:
            yield QUALITY, report, any(check.stops for check in report.checks)


def _times(record: RunRecord, layer: str) -> tuple[str, str]:
    name = job_step(SILVER if layer == QUALITY else layer)
    step = next((step for step in record.steps if step.step == name), None)
    return (step.started_at, step.ended_at) if step else (record.started_at, record.ended_at)


def _event(facts: Facts, layer: str, kind: str, at: str, **datasets: Sequence[Document]) -> Document:
    record = facts.record
    name = f"{record.dataset}.{layer}"
    of_run: Document = {"parent": facets.parent(_run_id(record, ""), facts.environment, record.dataset)}
    if kind == "FAIL":
        of_run["errorMessage"] = facets.error_message(f"{record.error}: {record.reason}")
    of_job = {"jobType": facets.job_type("SPARK")}
    if record.fingerprint:
        of_job["sourceCodeLocation"] = facets.source_code(record.fingerprint)
    return {
        "eventType": kind,
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": _SCHEMA,
        "run": {"runId": _run_id(record, layer), "facets": of_run},
        "job": {"namespace": facts.environment, "name": name, "facets": of_job},
        **datasets,
    }


def _run_id(record: RunRecord, layer: str) -> str:
    attempt = f"{record.execution}/{record.run_id}/{record.redrive_count}/{layer}"
    return str(uuid5(NAMESPACE_URL, attempt))


def _datasets(facts: Facts, layer: str, report: JobReport | None) -> tuple[list[Document], list[Document]]:
    """Return inputs and outputs of a job. A job without a report has no outputs."""
    tables = report.tables if report is not None else ()
    if layer == BRONZE:
        return _sources(facts), [_bronze_output(facts, counts) for counts in tables]
    if layer == SILVER:
        return _bronze_inputs(facts), [_silver_output(facts, counts) for counts in tables]
    return [_checked(facts, counts) for counts in tables], []


def _sources(facts: Facts) -> list[Document]:
    found = []
    for source in facts.record.sources:
        if source.state is not None:
            namespace, name = source_dataset(source.state.url)
            version = {"version": facets.version(source.state.sha256)} if source.state.sha256 else {}
            found.append({"namespace": namespace, "name": name, "facets": version})
    return found


def source_dataset(url: str) -> tuple[str, str]:
    """Return namespace and name of a source: the server, and the path on it. Without a query, which may have a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}", parts.path or "/"


def _bronze_output(facts: Facts, counts: TableCounts) -> Document:
    columns = [(name, kind, "") for name, kind in counts.columns.items()]
    found = {"schema": facets.schema(columns), **_version(facts)}
    return _table(facts, BRONZE, counts.table, found, outputFacets=_written(counts))


def _bronze_inputs(facts: Facts) -> list[Document]:
    return [
        _table(
            facts,
            BRONZE,
            counts.table,
            _version(facts),
            inputFacets={"dataQualityMetrics": facets.quality_metrics(counts.rows_out)},
        )
        for counts in (facts.bronze.tables if facts.bronze is not None else ())
    ]


def _silver_output(facts: Facts, counts: TableCounts) -> Document:
    declared = _declared(facts, counts.table)
    columns = [(column.name, column.type, column.comment) for column in declared.columns]
    found = {"schema": facets.schema(columns), **_version(facts)}
    if counts.column_sources:
        sources = {column: [_source_column(one) for one in names] for column, names in counts.column_sources.items()}
        found["columnLineage"] = facets.column_lineage(facts.lake, sources)
    return _table(facts, SILVER, counts.table, found, outputFacets=_written(counts))


def _source_column(name: str) -> tuple[str, str]:
    table, _, column = name.partition(".")
    return f"{BRONZE}/{table}", column


def _checked(facts: Facts, counts: TableCounts) -> Document:
    checks = facts.silver.checks if facts.silver is not None else ()
    found = {
        "dataQualityMetrics": facets.quality_metrics(counts.rows_out),
        "dataQualityAssertions": facets.assertions(check for check in checks if check.table == counts.table),
    }
    return _table(facts, SILVER, counts.table, _version(facts), inputFacets=found)


def _table(facts: Facts, layer: str, table: str, of_dataset: Document, **more: Document) -> Document:
    """Return a table of the lake: its namespace is the bucket, its name the prefix of all its versions."""
    symlink = {"namespace": f"glue://{facts.config.database_name}", "type": "TABLE"}
    name = bronze_table(table) if layer == BRONZE else table
    known_as = facets.facet("1-0-1", "SymlinksDatasetFacet", identifiers=[{**symlink, "name": name}])
    found: dict[str, Any] = {"symlinks": known_as, **of_dataset}
    return {"namespace": facts.lake, "name": f"{layer}/{table}", "facets": found, **more}


def _written(counts: TableCounts) -> Document:
    return {"outputStatistics": facets.output_statistics(counts.rows_out)}


def _version(facts: Facts) -> Document:
    return {"version": facets.version(facts.record.version)} if facts.record.version else {}


def _declared(facts: Facts, table: str) -> SilverTable:
    return next(one for one in facts.config.silver_tables if one.name == table)

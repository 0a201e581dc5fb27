"""Facets of OpenLineage that the events of a run have. Pure functions.

Each facet names the version of its schema; https://openlineage.io/docs/spec/facets describes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from _shared.contracts.quality.expectations import CRITICAL
from _shared.contracts.report import CheckResult

Document = dict[str, Any]

PRODUCER = "urn:pp-raws:data-lake"
_SCHEMAS = "https://openlineage.io/spec/facets"


def facet(revision: str, name: str, **fields: object) -> Document:
    """Return a facet with the version of its schema, such as ``1-0-1``."""
    return {"_producer": PRODUCER, "_schemaURL": f"{_SCHEMAS}/{revision}/{name}.json#/$defs/{name}", **fields}


def schema(columns: Iterable[tuple[str, str, str]]) -> Document:
    """Return names, types and descriptions of columns."""
    fields = [{"name": name, "type": kind, **({"description": text} if text else {})} for name, kind, text in columns]
    return facet("1-2-0", "SchemaDatasetFacet", fields=fields)


def version(text: str) -> Document:
    """Return the version of a dataset: a release date, or the SHA-256 of a file."""
    return facet("1-0-1", "DatasetVersionDatasetFacet", datasetVersion=text)


def column_lineage(namespace: str, sources: Mapping[str, Sequence[tuple[str, str]]]) -> Document:
    """Return the input columns of each column, as pairs of dataset and column.

    Spark's plan does not tell how a value is used, so all are ``DIRECT``.
    """
    fields = {
        column: {
            "inputFields": [
                {
                    "namespace": namespace,
                    "name": dataset,
                    "field": name,
                    "transformations": [{"type": "DIRECT", "subtype": "TRANSFORMATION"}],
                }
                for dataset, name in found
            ]
        }
        for column, found in sources.items()
    }
    return facet("1-2-0", "ColumnLineageDatasetFacet", fields=fields)


def output_statistics(rows: int) -> Document:
    """Return the number of written rows."""
    return facet("1-0-2", "OutputStatisticsOutputDatasetFacet", rowCount=rows)


def quality_metrics(rows: int) -> Document:
    """Return the number of rows of an input."""
    return facet("1-0-3", "DataQualityMetricsInputDatasetFacet", rowCount=rows, columnMetrics={})


def assertions(checks: Iterable[CheckResult]) -> Document:
    """Return the results of checks."""
    found = [
        {
            "assertion": check.name,
            "success": check.passed,
            "severity": "error" if check.severity == CRITICAL else "warn",
            "expected": check.expected,
            "actual": check.observed,
            **({"column": check.column} if check.column else {}),
        }
        for check in checks
    ]
    return facet("1-1-0", "DataQualityAssertionsDatasetFacet", assertions=found)


def job_type(integration: str) -> Document:
    """Return the kind of a job: a batch job of Glue, Lambda or Step Functions."""
    return facet("2-0-4", "JobTypeJobFacet", processingType="BATCH", integration=integration, jobType="JOB")


def source_code(fingerprint: str) -> Document:
    """Return where the job's code is: it is known by the hash of code and configuration."""
    url = f"urn:sha256:{fingerprint}"
    return facet("1-1-0", "SourceCodeLocationJobFacet", type="fingerprint", url=url, version=fingerprint)


def parent(run_id: str, namespace: str, name: str) -> Document:
    """Return the run that a job run belongs to."""
    return facet("1-2-0", "ParentRunFacet", run={"runId": run_id}, job={"namespace": namespace, "name": name})


def error_message(text: str) -> Document:
    """Return the message of the error that ended a job."""
    return facet("1-0-1", "ErrorMessageRunFacet", message=text, programmingLanguage="PYTHON")

"""Where things lie in the lake bucket: the one place that spells S3 keys.

Prefixes always end in ``/``, so that no prefix can match a sibling.
"""

from __future__ import annotations


def raw_prefix(dataset: str, run_id: str) -> str:
    """Prefix of what one run fetched: the original file, its members, the release document."""
    return f"raw/{dataset}/run_id={run_id}/"


def source_prefix(dataset: str, run_id: str, source: str) -> str:
    """Prefix of one source's files; a source that has the dataset's own name needs no folder of its own."""
    prefix = raw_prefix(dataset, run_id)
    return prefix if source == dataset else f"{prefix}{source}/"


def release_key(dataset: str, run_id: str) -> str:
    """Key of the :class:`~_shared.contracts.release.Release` document."""
    return f"{raw_prefix(dataset, run_id)}_metadata.json"


def bronze_table_prefix(table: str) -> str:
    """Prefix that the crawler registers as one bronze table."""
    return f"bronze/{table}/"


def bronze_prefix(table: str, run_id: str) -> str:
    """Prefix of one run's bronze Parquet."""
    return f"{bronze_table_prefix(table)}run={run_id}/"


def silver_table_prefix(table: str) -> str:
    """Prefix of every version of one silver table."""
    return f"silver/{table}/"


def silver_prefix(table: str, version: str, run_id: str) -> str:
    """Prefix of one run's silver Parquet."""
    return f"{silver_table_prefix(table)}version={version}/run={run_id}/"


def quarantine_prefix(table: str, run_id: str) -> str:
    """Prefix of the rows that one run kept back, with their reason."""
    return f"quarantine/{table}/run={run_id}/"


def report_key(dataset: str, run_id: str, layer: str) -> str:
    """Key of a job's :class:`~_shared.contracts.report.JobReport`; ``layer`` is bronze or silver."""
    return f"quality/{dataset}/run_id={run_id}/{layer}.json"


def manifest_prefix(dataset: str) -> str:
    """Prefix of a dataset's state: manifest, lease and run records."""
    return f"manifests/{dataset}/"


def manifest_key(dataset: str) -> str:
    """Key of the dataset's current state, written by compare-and-swap."""
    return f"{manifest_prefix(dataset)}manifest.json"


def lease_key(dataset: str) -> str:
    """Key of the lease that keeps two executions of one dataset apart."""
    return f"{manifest_prefix(dataset)}lease.json"


def runs_prefix(dataset: str) -> str:
    """Prefix of the run records."""
    return f"{manifest_prefix(dataset)}runs/"


def run_record_key(dataset: str, run_id: str, redrive_count: int = 0) -> str:
    """Key of the record of one attempt of a run, written once.

    Parameters
    ----------
    redrive_count
        0 for the first attempt; what a redriven execution does is a record of its own beside the first.
    """
    attempt = f"-redrive-{redrive_count}" if redrive_count else ""
    return f"{runs_prefix(dataset)}{run_id}{attempt}.json"

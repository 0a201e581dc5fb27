"""Partitions of bronze tables that the catalog knows already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from _shared.contracts.layout import BRONZE_RUN_KEY
from _shared.contracts.naming import bronze_table
from _shared.contracts.report import JobReport

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import PartitionInputTypeDef, TableTypeDef


def partitions_of(report: JobReport, tables: Mapping[str, TableTypeDef]) -> dict[str, PartitionInputTypeDef] | None:
    """Return the partition of each bronze table of a run; ``None`` if a crawl must look at the files.

    That is so if the catalog lacks a table, or has other columns or types than the run's files.

    Parameters
    ----------
    report
        Report of the Bronze job.
    tables
        Tables of the catalog by name.
    """
    found: dict[str, PartitionInputTypeDef] = {}
    for counts in report.tables:
        name = bronze_table(counts.table)
        table = tables.get(name)
        storage = table.get("StorageDescriptor", {}) if table else {}
        columns = {column["Name"]: column.get("Type", "") for column in storage.get("Columns", [])}
        keys = [key["Name"] for key in table.get("PartitionKeys", [])] if table else []
        if not counts.columns or columns != counts.columns or keys != [BRONZE_RUN_KEY]:
            return None
        found[name] = {"Values": [report.run_id], "StorageDescriptor": {**storage, "Location": counts.location}}
    return found

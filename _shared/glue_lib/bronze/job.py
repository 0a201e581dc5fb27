"""Bronze: the source as it is, as text, with the origin of every row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from pyspark.sql import SparkSession

from _shared.contracts.dataset import DELIMITED, DatasetConfig, Member
from _shared.contracts.errors import RowsUnaccountedError, UnsupportedFormatError
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import JobReport, TableCounts
from _shared.glue_lib.bronze.delimited import DelimitedTable
from _shared.glue_lib.documents import BRONZE, raw_members, read_release, write_report
from _shared.glue_lib.lake import Lake

_LOGGER = logging.getLogger(__name__)


class BronzeTable(Protocol):
    """The files of one member, opened: they are what the dataset declares, as far as their beginning tells."""

    def write(self, spark: SparkSession, lake: Lake, release: Release) -> TableCounts:
        """Write the table's rows of one run, with their lineage, ``meta_malformed`` and ``meta_raw_line``."""


Reader = Callable[[Lake, Release, Member, Sequence[RawMember]], BronzeTable]

READERS: dict[str, Reader] = {DELIMITED: DelimitedTable.open}
"""How files are opened, by the ``format`` of their parse contract."""


def run_bronze(spark: SparkSession, config: DatasetConfig, lake: Lake, run_id: str) -> JobReport:
    """Write the bronze tables of one run, then the report.

    Tables that the release lacks are told in the report and not written.

    Raises
    ------
    MissingMemberError, EmptyMemberError, TruncatedMemberError, SchemaDriftError, UnsupportedEncodingError
        A file is not what the dataset declares; the message says which and what to do.
    UnsupportedFormatError
        A file has a format that no reader is there for.
    RowsUnaccountedError
        More or fewer rows were written than the file has records.
    """
    release = read_release(lake, config.dataset, run_id)
    absent = tuple(member.table for member in config.members if member.table in release.absent_tables)
    there = [member for member in config.members if member.table not in absent]
    # Every header is read before the first table is written: one file that drifted leaves no half of a release.
    opened = [open_table(lake, release, member) for member in there]
    tables = tuple(table.write(spark, lake, release) for table in opened)
    report = JobReport(config.dataset, run_id, BRONZE, tables, absent=absent)
    write_report(lake, report)
    for counts in tables:
        _LOGGER.info("bronze %s: %d records, %d malformed", counts.table, counts.rows_in, counts.malformed)
        if not counts.balanced:
            what = f"bronze {counts.table}: {counts.rows_in} records in the file, {counts.rows_out} rows written"
            raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")
    for table in absent:
        _LOGGER.info("bronze %s: the release has no such file", table)
    return report


def open_table(lake: Lake, release: Release, member: Member) -> BronzeTable:
    """Open the files of a member with the reader of their format."""
    reader = READERS.get(member.parse.format)
    if reader is None:
        what = f"{release.dataset}: table {member.table!r}: no reader for files of format {member.parse.format!r}"
        raise UnsupportedFormatError(what, f"use one of {', '.join(sorted(READERS))}, or add a reader to bronze")
    return reader(lake, release, member, raw_members(release, member))

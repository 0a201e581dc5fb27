"""Bronze job: write the source files as tables of text, with the lineage of every row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from pyspark.sql import SparkSession

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import RowsUnaccountedError, UnsupportedFormatError
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import JobReport, TableCounts
from _shared.contracts.source import DELIMITED, Member
from _shared.glue_lib.bronze.delimited import DelimitedTable
from _shared.glue_lib.documents import BRONZE, raw_members, read_release, write_report
from _shared.glue_lib.lake import Lake

_LOGGER = logging.getLogger(__name__)


class BronzeTable(Protocol):
    """The files of one member, opened; the start of each file was checked against the declaration."""

    def write(self, spark: SparkSession, lake: Lake, release: Release) -> TableCounts:
        """Write the table's rows of one run, with lineage columns, ``meta_malformed`` and ``meta_raw_line``."""


Reader = Callable[[Lake, Release, Member, Sequence[RawMember]], BronzeTable]

READERS: dict[str, Reader] = {DELIMITED: DelimitedTable.open}
"""Reader by ``format`` of the parse contract."""


def run_bronze(spark: SparkSession, config: DatasetConfig, lake: Lake, run_id: str) -> JobReport:
    """Write the bronze tables of one run and the report.

    Tables that the release lacks are not written; the report lists them as absent.

    Raises
    ------
    MissingMemberError, EmptyMemberError, TruncatedMemberError, SchemaDriftError, UnsupportedEncodingError
        A file does not match its declaration.
    UnsupportedFormatError
        There is no reader for the format of a file.
    RowsUnaccountedError
        The number of written rows differs from the number of records in the files.
    """
    release = read_release(lake, config.dataset, run_id)
    absent = tuple(member.table for member in config.members if member.table in release.absent_tables)
    present = [member for member in config.members if member.table not in absent]
    # Check all headers before writing the first table, so that schema drift in one file leaves nothing half written.
    opened = [open_table(lake, release, member) for member in present]
    tables = tuple(table.write(spark, lake, release) for table in opened)
    report = JobReport(config.dataset, run_id, BRONZE, tables, absent=absent)
    write_report(lake, report)
    for counts in tables:
        told = {"table": counts.table, "rows_in": counts.rows_in, "malformed": counts.malformed}
        _LOGGER.info("bronze table written", extra=told)
        if not counts.balanced:
            what = f"bronze {counts.table}: {counts.rows_in} records in the file, {counts.rows_out} rows written"
            raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")
    for table in absent:
        _LOGGER.info("the release has no such file", extra={"table": table})
    return report


def open_table(lake: Lake, release: Release, member: Member) -> BronzeTable:
    """Open the files of a member with the reader for their format."""
    reader = READERS.get(member.parse.format)
    if reader is None:
        what = f"{release.dataset}: table {member.table!r}: no reader for files of format {member.parse.format!r}"
        raise UnsupportedFormatError(what, f"use one of {', '.join(sorted(READERS))}, or add a reader to bronze")
    return reader(lake, release, member, raw_members(release, member))

"""Bronze: the source as it is, as text, with the origin of every row."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig, Member
from _shared.contracts.layout import bronze_prefix
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import JobReport, TableCounts
from _shared.glue_lib.documents import BRONZE, raw_member, read_release, write_report
from _shared.glue_lib.errors import EmptyMemberError, RowsUnaccountedError
from _shared.glue_lib.io import read_lines, write_parquet
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.numbering import numbered_records, record_count, survey
from _shared.glue_lib.records import MALFORMED, RAW_LINE, RecordReader
from _shared.glue_lib.schema_utils import HEADER_BYTES, ROW_NUMBER, columns_in_file_order, lineage, parse_header
from _shared.glue_lib.session import configure
from _shared.glue_lib.type_inference import TYPES, width

_LOGGER = logging.getLogger(__name__)


def run_bronze(spark: SparkSession, config: DatasetConfig, lake: Lake, run_id: str) -> JobReport:
    """Write the bronze tables of one run, then the report.

    Raises
    ------
    MissingMemberError, EmptyMemberError, SchemaDriftError, UnsupportedEncodingError
        A file is not what the dataset declares; the message says which and what to do.
    RowsUnaccountedError
        More or fewer rows were written than the file has records.
    """
    release = read_release(lake, config.dataset, run_id)
    # Every header is read before the first table is written: one file that drifted leaves no half of a release.
    files = [_open(lake, config.dataset, release, member) for member in config.members]
    tables = tuple(_table(spark, lake, release, file) for file in files)
    report = JobReport(config.dataset, run_id, BRONZE, tables)
    write_report(lake, report)
    for counts in tables:
        _LOGGER.info("bronze %s: %d records, %d malformed", counts.table, counts.rows_in, counts.malformed)
        if not counts.balanced:
            what = f"bronze {counts.table}: {counts.rows_in} records in the file, {counts.rows_out} rows written"
            raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")
    return report


@dataclass(frozen=True)
class _File:
    """A file whose header is the declared one."""

    member: Member
    raw: RawMember
    header: tuple[str, ...]
    reader: RecordReader


def _open(lake: Lake, dataset: str, release: Release, member: Member) -> _File:
    raw = raw_member(release, member)
    head = lake.read_head(raw.key, HEADER_BYTES)
    header = parse_header(head, member.parse, raw.encoding, f"{dataset}: {raw.name}")
    columns = columns_in_file_order(header, member, dataset, raw.name)
    return _File(member, raw, header, RecordReader(member.parse, columns))


def _table(spark: SparkSession, lake: Lake, release: Release, file: _File) -> TableCounts:
    member, raw, reader = file.member, file.raw, file.reader
    configure(spark, raw.bytes)
    lines = read_lines(spark, lake.uri(raw.key), raw.encoding)
    counted = survey(lines, reader)
    if counted.filled <= 1:
        what = f"{release.dataset}: {raw.name} has a header and no rows"
        raise EmptyMemberError(what, "look at the source: a release without rows is not published")
    records = numbered_records(lines, counted, reader)
    rows_in = record_count(lines, counted, reader)
    data = [column.name for column in member.columns]
    columns = {ROW_NUMBER: F.col(ROW_NUMBER), **lineage(release, raw)}
    location = lake.uri(bronze_prefix(member.table, release.run_id))
    write_parquet(reader.read(records).withColumns(columns).select(*data, *columns, MALFORMED, RAW_LINE), location)
    return _counts(spark.read.parquet(location), member, rows_in, location, file.header)


def _counts(written: DataFrame, member: Member, rows_in: int, location: str, header: tuple[str, ...]) -> TableCounts:
    """Count what was written, as it was written."""
    widths = {column.name: width(F.col(column.name)) for column in member.columns}
    aggregates = [F.count(F.lit(1)), F.count(MALFORMED), *widths.values()]
    rows, malformed, *found = cast("Row", written.agg(*aggregates).first())
    return TableCounts(
        table=member.table,
        rows_in=rows_in,
        rows_out=rows,
        location=location,
        malformed=malformed,
        inferred_types={name: TYPES[index] for name, index in zip(widths, found, strict=True)},
        source_header=header,
    )

"""Bronze: the source as it is, as text, with the origin of every row."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig, Member
from _shared.contracts.layout import bronze_prefix
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import JobReport, TableCounts
from _shared.glue_lib.documents import BRONZE, raw_member, read_release, write_report
from _shared.glue_lib.errors import EmptyMemberError, RowsUnaccountedError
from _shared.glue_lib.fixed_columns import fixed_columns
from _shared.glue_lib.io import read_lines, write_parquet
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.lineage import ROW_POSITION, lineage
from _shared.glue_lib.numbering import Scan, check_lines, joined, scanned
from _shared.glue_lib.records import MALFORMED, RAW_LINE, RecordReader
from _shared.glue_lib.schema_utils import HEADER_BYTES, columns_in_file_order, parse_header
from _shared.glue_lib.session import configure
from _shared.glue_lib.stitching import odd_quotes
from _shared.glue_lib.type_inference import TYPES, width

_LOGGER = logging.getLogger(__name__)


def run_bronze(spark: SparkSession, config: DatasetConfig, lake: Lake, run_id: str) -> JobReport:
    """Write the bronze tables of one run, then the report.

    Tables that the release lacks are told in the report and not written.

    Raises
    ------
    MissingMemberError, EmptyMemberError, SchemaDriftError, UnsupportedEncodingError
        A file is not what the dataset declares; the message says which and what to do.
    RowsUnaccountedError
        More or fewer rows were written than the file has records.
    """
    release = read_release(lake, config.dataset, run_id)
    absent = tuple(member.table for member in config.members if member.table in release.absent_tables)
    there = [member for member in config.members if member.table not in absent]
    # Every header is read before the first table is written: one file that drifted leaves no half of a release.
    files = [_open(lake, config.dataset, release, member) for member in there]
    tables = tuple(_table(spark, lake, release, file) for file in files)
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


@dataclass(frozen=True)
class _File:
    """A file that has the declared columns."""

    member: Member
    raw: RawMember
    header: tuple[str, ...]
    reader: RecordReader


@dataclass(frozen=True)
class _Written:
    """What was written, as it was written."""

    rows: int
    malformed: int
    open_quotes: int
    inferred_types: dict[str, str]


def _open(lake: Lake, dataset: str, release: Release, member: Member) -> _File:
    raw = raw_member(release, member)
    head = lake.read_head(raw.key, HEADER_BYTES)
    header = parse_header(head, member.parse, raw.encoding, f"{dataset}: {raw.name}")
    # What is wrong is told before anything is written, where the file's start tells it.
    if len(head) < HEADER_BYTES and not _has_rows(head, member):
        raise _no_rows(dataset, raw.name, member)
    if member.parse.header:
        columns = columns_in_file_order(header, member, dataset, raw.name)
    else:
        columns = fixed_columns(head, member, raw.encoding, dataset, raw.name)
    return _File(member, raw, header, RecordReader(member.parse, columns))


def _has_rows(content: bytes, member: Member) -> bool:
    return sum(1 for line in content.split(b"\n") if line.rstrip(b"\r")) > member.parse.header


def _no_rows(dataset: str, file_name: str, member: Member) -> EmptyMemberError:
    what = f"{dataset}: {file_name} has {'a header and no rows' if member.parse.header else 'no rows'}"
    return EmptyMemberError(what, "look at the source: a release without rows is not published")


def _table(spark: SparkSession, lake: Lake, release: Release, file: _File) -> TableCounts:
    member, raw = file.member, file.raw
    configure(spark, raw.bytes)
    lines = read_lines(spark, lake.uri(raw.key), raw.encoding)
    location = lake.uri(bronze_prefix(member.table, release.run_id))
    scan = scanned(lines, file.reader)
    written = _write(spark, scan, release, file, location)
    records, line_count = scan.counter.get["records"], scan.counter.get["lines"]
    if records <= 0:
        raise _no_rows(release.dataset, raw.name, member)
    if written.open_quotes:
        # Some line may be a record only together with those that follow: the file is read once more, in order.
        scan = joined(lines, file.reader)
        written = _write(spark, scan, release, file, location)
        records = scan.counter.get["records"]
        check_lines(line_count - int(member.parse.header), scan.counter.get["lines"], f"{release.dataset}: {raw.name}")
    return TableCounts(
        table=member.table,
        rows_in=records,
        rows_out=written.rows,
        location=location,
        malformed=written.malformed,
        inferred_types=written.inferred_types,
        source_header=file.header,
    )


def _write(spark: SparkSession, scan: Scan, release: Release, file: _File, location: str) -> _Written:
    read = file.reader.read(scan.records)
    nothing = F.lit(None).cast("string")
    data = [
        (F.col(column.name) if column.name in file.reader.columns else nothing).alias(column.name)
        for column in file.member.columns
    ]
    origin = [F.col(ROW_POSITION), *[column.alias(name) for name, column in lineage(release, [file.raw]).items()]]
    write_parquet(read.select(*data, *origin, MALFORMED, RAW_LINE), location)
    widths = {column.name: width(F.col(column.name)) for column in file.member.columns}
    open_quotes = F.count(F.when(odd_quotes(F.col(RAW_LINE), file.reader), 1))
    aggregates = [F.count(F.lit(1)), F.count(MALFORMED), open_quotes, *widths.values()]
    rows, malformed, odd, *found = cast("Row", spark.read.parquet(location).agg(*aggregates).first())
    inferred = {name: TYPES[index] for name, index in zip(widths, found, strict=True)}
    return _Written(rows, malformed, odd, inferred)

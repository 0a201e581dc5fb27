"""Load delimited text files into a bronze table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.errors import EmptyMemberError, TruncatedMemberError
from _shared.contracts.layout import bronze_prefix
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import TableCounts
from _shared.contracts.source import Member
from _shared.glue_lib.bronze.fixed_columns import fixed_columns
from _shared.glue_lib.bronze.numbering import Scan, check_lines, joined, scanned
from _shared.glue_lib.bronze.personal import Protection
from _shared.glue_lib.bronze.records import MALFORMED, RAW_LINE, RecordReader
from _shared.glue_lib.bronze.stitching import odd_quotes
from _shared.glue_lib.bronze.type_inference import TYPES, width
from _shared.glue_lib.io import read_lines, write_parquet
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.lineage import ROW_POSITION, lineage, places_before
from _shared.glue_lib.schema_utils import HEADER_BYTES, columns_in_file_order, parse_header
from _shared.glue_lib.session import configure


@dataclass(frozen=True)
class _File:
    """A file whose columns were checked against the declared ones.

    Parameters
    ----------
    start
        Offset added to the positions of the file's rows, so that positions are unique in the table.
    """

    raw: RawMember
    start: int
    header: tuple[str, ...]
    reader: RecordReader

    def lines(self, spark: SparkSession, lake: Lake) -> DataFrame:
        """Lines of the file, unordered."""
        undecodable = self.raw.undecodable_lines > 0
        return read_lines(spark, lake.uri(self.raw.key), self.raw.encoding, undecodable=undecodable)

    def last_malformed(self) -> Column:
        """Aggregate: reason why the last record of the file is malformed, null if it is not."""
        place = F.col(ROW_POSITION)
        own = place.between(self.start + 1, self.start + self.raw.bytes)
        return F.max_by(MALFORMED, F.when(own, place))


@dataclass(frozen=True)
class _Written:
    """Measures of the written rows, taken while they were written.

    Parameters
    ----------
    open_quotes
        Records with an odd number of quotes; such a record may continue on the next line.
    cut_files
        Unverified files whose last record is malformed; they may be truncated.
    """

    rows: int
    malformed: int
    open_quotes: int
    inferred_types: dict[str, str]
    columns: dict[str, str]
    cut_files: tuple[_File, ...]


@dataclass(frozen=True)
class DelimitedTable:
    """A bronze table whose files were opened and checked, but not yet written."""

    member: Member
    files: tuple[_File, ...]

    @classmethod
    def open(cls, lake: Lake, release: Release, member: Member, raws: Sequence[RawMember]) -> DelimitedTable:
        """Read the start of each file and check the header.

        Raises
        ------
        EmptyMemberError, SchemaDriftError
            A file has no rows, or its columns differ from the declared ones.
        """
        before = places_before(raws)
        return cls(
            member,
            tuple(_open(lake, release.dataset, raw, member, start) for raw, start in zip(raws, before, strict=True)),
        )

    def write(self, spark: SparkSession, lake: Lake, release: Release) -> TableCounts:
        """Write the table's rows of one run.

        Raises
        ------
        EmptyMemberError
            A file has no rows.
        TruncatedMemberError
            A file ends in the middle of a record and is not verified to be complete.
        UnsupportedEncodingError
            A file's encoding is not ASCII-compatible.
        """
        configure(spark, sum(file.raw.bytes for file in self.files))
        location = lake.uri(bronze_prefix(self.member.table, release.run_id))
        lines = [file.lines(spark, lake) for file in self.files]
        scans = [scanned(found, file.reader) for found, file in zip(lines, self.files, strict=True)]
        protection = Protection.of(self.member, lake)
        written = self._write(scans, release, location, protection)
        counted = [scan.counter.get["lines"] for scan in scans]
        for scan, file in zip(scans, self.files, strict=True):
            if scan.counter.get["records"] <= 0:
                raise _no_rows(release.dataset, file.raw.name, self.member)
        if written.open_quotes:
            # A record may span several lines: read the files again, in order, and join such lines.
            scans = [joined(found, file.reader) for found, file in zip(lines, self.files, strict=True)]
            written = self._write(scans, release, location, protection)
            for scan, file, count in zip(scans, self.files, counted, strict=True):
                expected = count - int(self.member.parse.header)
                check_lines(expected, scan.counter.get["lines"], f"{release.dataset}: {file.raw.name}")
        for file in written.cut_files:
            _check_end(lake, release.dataset, file.raw)
        return TableCounts(
            table=self.member.table,
            rows_in=sum(scan.counter.get["records"] for scan in scans),
            rows_out=written.rows,
            location=location,
            malformed=written.malformed,
            inferred_types=written.inferred_types,
            columns=written.columns,
            source_header=self.files[0].header,
        )

    def _write(self, scans: Sequence[Scan], release: Release, location: str, protection: Protection) -> _Written:
        frames = [self._rows(scan, file, release, protection) for scan, file in zip(scans, self.files, strict=True)]
        unverified = {f"last {place}": file for place, file in enumerate(self.files) if not file.raw.verified}
        measures = {
            "rows": F.count(F.lit(1)),
            "malformed": F.count(MALFORMED),
            "open quotes": F.count(F.when(odd_quotes(F.col(RAW_LINE), self.member.parse), 1)),
            **{f"width {name}": width(F.col(name)) for name in protection.written},
            **{name: file.last_malformed() for name, file in unverified.items()},
        }
        seen = Observation()
        aggregates = [measure.alias(name) for name, measure in measures.items()]
        rows = reduce(DataFrame.union, frames)
        write_parquet(rows.observe(seen, *aggregates), location)
        found = seen.get
        return _Written(
            rows=found["rows"],
            malformed=found["malformed"],
            open_quotes=found["open quotes"],
            inferred_types={name: TYPES[found[f"width {name}"]] for name in protection.written},
            columns={field.name: field.dataType.simpleString() for field in rows.schema.fields},
            cut_files=tuple(file for name, file in unverified.items() if found[name] is not None),
        )

    def _rows(self, scan: Scan, file: _File, release: Release, protection: Protection) -> DataFrame:
        nothing = F.lit(None).cast("string")
        data = [
            (protection.value(name, F.col(name)) if name in file.reader.columns else nothing).alias(name)
            for name in protection.written
        ]
        place = (F.col(ROW_POSITION) + F.lit(file.start)).alias(ROW_POSITION)
        origin = [place, *[column.alias(name) for name, column in lineage(release, [file.raw]).items()]]
        line = protection.line(F.col(RAW_LINE)).alias(RAW_LINE)
        return file.reader.read(scan.records).select(*data, *origin, MALFORMED, line)


def _open(lake: Lake, dataset: str, raw: RawMember, member: Member, start: int) -> _File:
    head = lake.read_head(raw.key, HEADER_BYTES)
    header = parse_header(head, member.parse, raw.encoding, f"{dataset}: {raw.name}")
    # Fail before anything is written if the start of the file already shows that it has no rows.
    if len(head) < HEADER_BYTES and not _has_rows(head, member):
        raise _no_rows(dataset, raw.name, member)
    if member.parse.header:
        columns = columns_in_file_order(header, member, dataset, raw.name)
    else:
        columns = fixed_columns(head, member, raw.encoding, dataset, raw.name)
    return _File(raw, start, header, RecordReader(member.parse, columns))


def _has_rows(content: bytes, member: Member) -> bool:
    return sum(1 for line in content.split(b"\n") if line.rstrip(b"\r")) > member.parse.header


def _no_rows(dataset: str, file_name: str, member: Member) -> EmptyMemberError:
    what = f"{dataset}: {file_name} has {'a header and no rows' if member.parse.header else 'no rows'}"
    return EmptyMemberError(what, "look at the source: a release without rows is not published")


def _check_end(lake: Lake, dataset: str, raw: RawMember) -> None:
    """Check that a file whose last record is malformed ends with a line feed.

    Raises
    ------
    TruncatedMemberError
        The file does not end with a line feed.
    """
    if lake.read_tail(raw.key, 1) != b"\n":
        what = f"{dataset}: {raw.name} ends in the middle of a record, without a line feed: it seems to be cut off"
        remedy = (
            "run again; if it stays so, ask the publisher for the whole file. Such an end is accepted only in an "
            "archive with checksums whose server declares its length"
        )
        raise TruncatedMemberError(what, remedy)

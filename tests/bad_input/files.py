"""Bad CSV files: what the Bronze and the Silver job make of them.

The dataset has the columns A, B, C; its key is A, its required column B; half of B may be null, and 60 % of the
rows may be kept back.
"""

from __future__ import annotations

from _shared.contracts.release import PreviousVersion
from _shared.glue_lib.bronze.stitching import LONGEST_RECORD
from _shared.glue_lib.schema_utils import HEADER_BYTES
from tests._shared.lambdas.support import archive
from tests.bad_input.case import NO_ERROR, FileCase

HEADER = b"A,B,C\r\n"
GOOD = b"1,2,3\r\n4,5,6\r\n"

_ALIAS = (
    "change members in domains/small/config/dataset.json: an alias where the source renamed a column, "
    "columns where it added or dropped one"
)
_NO_ROWS = "look at the source: a release without rows is not published"
_COLUMNS = "there is no column 'B' (it has no aliases); there is no column 'C' (it has no aliases)"
_NUL = " has NUL bytes in its first line: it is UTF-16, or no text at all"
_CONVERT = "convert it to UTF-8 before it is fetched, or ask the publisher"
_QUARANTINE = "look at the rows in quarantine, and tell the publisher"
_NOTHING = "nothing: this is how such a file is meant"
_CHECKS = "nothing was published; look at the quarantine and the source, or change data_quality in dataset.json"


def drift(id_: str, what: str, sees: str, body: bytes, do: str = _ALIAS) -> FileCase:
    """Make a case of a header that is not the declared one; nothing is written."""
    return FileCase(id_, what, "SchemaDriftError", f"small: small.csv{sees}", do, body=body)


def empty(id_: str, what: str, sees: str, body: bytes) -> FileCase:
    """Make a case of a file without rows."""
    return FileCase(id_, what, "EmptyMemberError", f"small: small.csv {sees}", _NO_ROWS, body=body)


def counted(id_: str, what: str, sees: str, rows: bytes, do: str = _QUARANTINE) -> FileCase:
    """Make a case of rows that are counted and kept."""
    return FileCase(id_, what, NO_ERROR, sees, do, body=HEADER + rows, job="silver")


def unusual(id_: str, what: str, body: bytes) -> FileCase:
    """Make a case of a file of two rows that is read as it is meant."""
    return FileCase(id_, what, NO_ERROR, "2 rows read, 0 malformed", _NOTHING, body=body)


def failing(id_: str, what: str, sees: str, rows: bytes, previous: PreviousVersion | None = None) -> FileCase:
    """Make a case of rows that fail a check."""
    return FileCase(
        id_, what, "QualityCheckFailedError", f"small: {sees}", _CHECKS, body=HEADER + rows, job="silver",
        previous=previous,
    )  # fmt: skip


FILES = (
    drift("missing column", "a missing column", ": there is no column 'B' (it has no aliases)", b"A,C\r\n1,3\r\n"),
    drift("unknown column", "an unknown column", ": column 4 is 'D', which is not declared", b"A,B,C,D\r\n1,2,3,4\r\n"),
    drift("renamed column", "a header renamed beyond its aliases",
          ": column 2 is 'X', expected 'B' (it has no aliases)", b"A,X,C\r\n1,2,3\r\n"),
    drift("duplicate header", "a header that is there twice", ": column 'B' (it has no aliases) is there twice",
          b"A,B,C,B\r\n1,2,3,4\r\n"),
    drift("no header", "a file without header", ": column 1 is '1', expected 'A' …", GOOD),
    drift("other delimiter", "another delimiter",
          f": column 1 is 'A;B;C', expected 'A' (it has no aliases); {_COLUMNS}", b"A;B;C\r\n1;2;3\r\n"),
    drift("zip as CSV", "a zip archive under the CSV file's name", _NUL, archive({"x": b"y"}), _CONVERT),
    drift("UTF-16 without mark", "UTF-16 without a byte-order mark", _NUL, "A,B\r\n1,2\r\n".encode("utf-16-le"),
          _CONVERT),
    drift("blank first line", "a blank line before the header",
          " begins with a blank line, where its header is expected", b"\r\n" + HEADER + GOOD,
          "look at the source: lines before the header would be read as rows"),
    drift("carriage returns only", "lines that end with carriage returns only",
          " has a carriage return within its first line: its lines do not end with line feeds", b"A,B,C\r1,2,3\r",
          "convert its line ends before it is fetched, or ask the publisher"),
    drift("endless line", "no line end in the first 64 KiB", f" has no line feed in its first {HEADER_BYTES} bytes",
          b"A" * HEADER_BYTES, "look at the source: the file is not delimited text, or its lines end otherwise"),
    empty("header only", "a header and no rows, unless it is optional: then it is as if it were not there",
          "has a header and no rows", HEADER + b"\r\n"),
    FileCase("cut off", "a last line that breaks off: no record, no line feed at its end", "TruncatedMemberError",
             "small: small.csv ends in the middle of a record, without a line feed: it seems to be cut off",
             "run again; if it stays so, ask the publisher for the whole file. Such an end is accepted only in an "
             "archive with checksums whose server declares its length", body=HEADER + GOOD + b"7,8", written=True),
    empty("byte-order mark only", "a byte-order mark and nothing else", "is empty", b"\xef\xbb\xbf\r\n"),
    unusual("other order", "columns in another order", b"C,A,B\r\n3,1,2\r\n6,4,5\r\n"),
    unusual("mark and mixed line ends", "a byte-order mark, and line ends of both kinds",
            b"\xef\xbb\xbfA,B,C\n1,2,3\r\n4,5,6"),
    unusual("quotes and newlines", "delimiters, quotes and newlines inside quoted fields",
            HEADER + b'1,2,"x, ""y""\r\n\r\nz"\r\n4,5,6" pad\r\n'),
    unusual("NUL", "a NUL byte inside a field", HEADER + b"1,2,x\x00y\r\n4,5,6\r\n"),
    counted("too few fields", "a line with too few fields",
            "2 of 3 rows published, in quarantine 1 TOO_FEW_FIELDS", GOOD + b"7,8\r\n"),
    counted("too many fields", "a line with too many fields",
            "2 of 3 rows published, in quarantine 1 TOO_MANY_FIELDS", GOOD + b"7,8,9,10\r\n"),
    counted("unclosed quote", "a quote that is never closed",
            "2 of 3 rows published, in quarantine 1 BAD_QUOTING", b'1,"open,9\r\n' + GOOD),
    counted("text after a quote", "text after a closing quote",
            "2 of 3 rows published, in quarantine 1 BAD_QUOTING", b'7,"a"b,9\r\n' + GOOD),
    counted("longest record", f"a quoted field of more than {LONGEST_RECORD:,} lines",
            "1001 of 2003 rows published, in quarantine 1 BAD_QUOTING, 1001 TOO_FEW_FIELDS",
            b'0,1,"x\r\n' + b"y\r\n" * LONGEST_RECORD + b'z"\r\n' + b"".join(b"%d,1,1\r\n" % n for n in range(1, 1002)),
            "look at the rows in quarantine; a field that long is not text of a table"),
    counted("duplicate", "a row that repeats another as written", "2 of 3 rows published, 1 duplicate",
            GOOD + b"1,2,3\r\n", "nothing: the first in the file is published"),
    counted("differs by white space", "a row that differs from another by white space only",
            "2 of 3 rows published, in quarantine 1 REPEATED_KEY", GOOD + b"1 ,2,3\r\n",
            "nothing: the first in the file is published, and the other is in quarantine"),
    counted("contradiction", "a row that has another's key and contradicts it",
            "2 of 3 rows published, in quarantine 1 REPEATED_KEY", GOOD + b"1,9,9\r\n",
            "compare both; the first in the file is published. Where both are right, extend the table's grain"),
    failing("too much in quarantine", "more bad rows than `max_quarantined_share` allows",
            "quarantined_share on small: 2 of 3 rows quarantined (66.67%) {'TOO_FEW_FIELDS': 2}, "
            "expected at most 60.00% quarantined", b"1,2,3\r\n4\r\n7\r\n"),
    failing("wrong key", "more repeated keys than `max_quarantined_share` allows",
            "unique_grain on small: 2 rows repeat an earlier row's grain, expected (a) identifies a row",
            b"1,2,3\r\n1,5,6\r\n1,8,9\r\n"),
    failing("required column empty", "a required column with more nulls than `critical_null_threshold` allows",
            "expect_column_values_to_not_be_null on small.b: 2 of 3 null (66.67%), expected at most 50.00% null",
            b"1,2,3\r\n4,,6\r\n7,many,9\r\n"),
    failing("far fewer rows", "far fewer rows than the version before",
            "expect_table_row_count_to_be_between on small: found 2, "
            "expected a drop of at most 20.00% from the 10 rows of version 2019-04-28",
            GOOD, PreviousVersion("2019-04-28", "r", {"small": 10})),
)  # fmt: skip

"""Bad archives, and files in them that cannot be read as text."""

from __future__ import annotations

import codecs
import gzip
import stat

from _shared.contracts.source import GZIP, PLAIN, ZIP
from tests._shared.lambdas.support import Answer, archive
from tests.bad_input.case import NO_ERROR, SourceCase
from tests.bad_input.made import patched, special
from tests.bad_input.sources import GOOD, always

_HOSTILE = "do not unpack it; ask the publisher for a correct archive"
_DAMAGED = "run again; if it stays so, the publisher's file is broken"
_PATTERN = "correct the member's pattern in dataset.json"
_DECODE = "decode it before it enters the lake, or extend the parse contract"
_ENCODINGS = "add the right encoding to parse.encodings of the dataset, or correct the file"
_LINES = "tell the publisher: the lines are kept with escapes such as `\\x81`, and are in quarantine as `UNDECODABLE`"
CSV = b"Code\r\n0001\r\n"


def case(id_: str, what: str, error: str, sees: str, do: str, *, body: bytes, packing: str = ZIP) -> SourceCase:
    """Make a case of an archive that comes whole: it stays in raw, whatever is wrong with it."""
    return SourceCase(id_, what, error, sees, do, answers=always(Answer(200, body)), kept=True, packing=packing)


def hostile(id_: str, what: str, fault: str, body: bytes) -> SourceCase:
    """Make a case of an archive that is refused before anything of it is unpacked."""
    return case(id_, what, "HostileArchiveError", f"s3://…/pills.zip: {fault}", _HOSTILE, body=body)


def text(id_: str, what: str, sees: str, do: str, *, body: bytes, error: str = NO_ERROR) -> SourceCase:
    """Make a case of a file in a good archive."""
    return case(id_, what, error, sees, do, body=archive({"pills.csv": body}))


ARCHIVES = (
    case("truncated archive", "a zip archive that is cut off", "CorruptArchiveError",
         "s3://…/pills.zip: the archive is damaged: File is not a zip file", _DAMAGED, body=GOOD[:-30]),
    case("damaged member", "a member whose bytes do not match its checksum", "CorruptArchiveError",
         "s3://…/pills.zip: pills.csv: the archive is damaged: Bad CRC-32 for file 'pills.csv'", _DAMAGED,
         body=patched(GOOD, 16, "<I", 12345)),
    case("archive without files", "a zip archive without entries", "CorruptArchiveError",
         "s3://…/pills.zip: the archive is damaged: its directory has no entries", _DAMAGED, body=archive({})),
    case("no CSV", "a zip archive without the CSV file", "MissingMemberError",
         "s3://…/pills.zip: no file matches '*.csv' of table 'pills'; it has 'read.me'", _PATTERN,
         body=archive({"read.me": CSV})),
    case("zip in zip", "a zip archive that holds another with the CSV file in it", "MissingMemberError",
         "s3://…/pills.zip: no file matches '*.csv' of table 'pills'; it has 'pills.zip'", _PATTERN,
         body=archive({"pills.zip": GOOD})),
    case("macOS", "what macOS adds to an archive: `._` files and `__MACOSX`, at any depth", NO_ERROR,
         "processed: 'a/pills.csv' in utf-8", "nothing: it is passed over",
         body=archive({"a/pills.csv": CSV, "a/._pills.csv": b"\0\5\x16\7", "a/__MACOSX/pills.csv": b"\0"})),
    case("two CSVs", "a zip archive with two CSV files", "AmbiguousMemberError",
         "s3://…/pills.zip: 'a.csv', 'b.csv' match '*.csv' of table 'pills', where one must",
         "narrow the member's pattern in dataset.json", body=archive({"a.csv": CSV, "b.csv": CSV})),
    hostile("name with ..", "a member name that climbs out of its folder: `../x.csv`",
            "entry '../x.csv' has a name that leaves its folder", special("../x.csv")),
    hostile("absolute name", "an absolute member name: `/etc/x.csv`", "entry '/etc/x.csv' has an absolute name",
            special("/etc/x.csv")),
    hostile("drive letter", "a member name with a drive letter: `C:/x.csv`", "entry 'C:/x.csv' has an absolute name",
            special("C:/x.csv")),
    hostile("backslash", "a member name with a backslash: `..\\x.csv`",
            "entry '..\\\\x.csv' has a backslash in its name", special("..\\x.csv")),
    hostile("control character", "a member name with a control character",
            "entry 'x\\n.csv' has an empty name or control characters in it", special("x\n.csv")),
    hostile("symbolic link", "a symbolic link or a device", "entry 'x.csv' is a link or a device",
            special("x.csv", stat.S_IFLNK | 0o777)),
    hostile("bomb", "a 1,000:1 bomb", "entry 'pills.csv' unpacks … to 20000000 bytes, more than 200:1",
            archive({"pills.csv": bytes(20_000_000)})),
    hostile("encrypted", "an encrypted zip archive", "entry 'pills.csv' is encrypted",
            patched(archive({"pills.csv": CSV}), 8, "<H", 1)),
    hostile("unbounded compression", "compression that unpacks in unbounded memory, such as LZMA",
            "entry 'pills.csv' is packed by a method other than deflate (14)",
            patched(archive({"pills.csv": CSV}), 10, "<H", 14)),
    hostile("too many members", "more than 1,000 members", "1001 entries, more than the 1000 allowed",
            archive({f"{number}.csv": b"" for number in range(1001)})),
    case("gzip cut off", "a gzip file that is cut off, where `packing` is `gzip`", "CorruptArchiveError",
         "s3://…/pills.csv.gz: the archive is damaged: it ends before its end is marked", _DAMAGED,
         body=gzip.compress(CSV)[:-9], packing=GZIP),
    case("gzip damaged", "a gzip file whose bytes do not match its checksum", "CorruptArchiveError",
         "s3://…/pills.csv.gz: the archive is damaged: Error -3 while decompressing data: incorrect data check",
         _DAMAGED, body=gzip.compress(CSV)[:-8] + bytes(8), packing=GZIP),
    case("gzip bomb", "a gzip file that is a 1,000:1 bomb", "HostileArchiveError",
         "s3://…/pills.csv.gz: unpacks … to at least … bytes, more than 200:1", _HOSTILE,
         body=gzip.compress(bytes(20_000_000)), packing=GZIP),
    case("plain file", "a plain file, where `packing` is `plain`", NO_ERROR, "processed: 'pills.csv' in utf-8",
         "nothing: it is read where it lies", body=CSV, packing=PLAIN),
    text("empty CSV", "an empty CSV file, unless it is optional: then it is as if it were not there",
         "s3://…/pills.zip: pills.csv is empty",
         "look whether the source is being replaced, and run again", body=b"", error="EmptySourceError"),
    text("not UTF-8", "bytes that are not UTF-8, but Windows-1252", "processed: 'pills.csv' in cp1252",
         "nothing: the encoding is recorded with the release, and bronze decodes by it", body=b"Code\r\nGr\xfcn\r\n"),
    text("byte-order mark", "UTF-8's byte-order mark", "processed: 'pills.csv' in utf-8, with a byte-order mark",
         "nothing: it is no part of the header", body=codecs.BOM_UTF8 + CSV),
    text("undecodable", "bytes in none of the accepted encodings",
         "s3://…/pills.zip: pills.csv: in none of the accepted encodings "
         "(utf-8: 1 of 1 lines, the first with byte 0xff at offset 3; "
         "cp1252: 1 of 1 lines, the first with byte 0x81 at offset 5)", _ENCODINGS, body=b"abc\xffd\x81",
         error="UndecodableMemberError"),
    text("undecodable line", "bytes in none of the accepted encodings on at most one line in 1,000",
         "processed: 'pills.csv' in utf-8, with 1 undecodable line", _LINES, body=CSV * 500 + b"\x81\r\n"),
    text("UTF-16", "UTF-16 with its byte-order mark",
         "s3://…/pills.zip: pills.csv: begins with the byte-order mark of UTF-16", _DECODE,
         body="Code\r\n0001\r\n".encode("utf-16"), error="UndecodableMemberError"),
)  # fmt: skip

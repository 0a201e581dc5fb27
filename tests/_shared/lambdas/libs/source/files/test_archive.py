"""Archives that are damaged, hostile, or simply other than declared; and the encodings of what they hold."""

from __future__ import annotations

import codecs
import hashlib
import io
import itertools
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _shared.contracts.errors import (
    AmbiguousMemberError,
    CorruptArchiveError,
    HostileArchiveError,
    MedallionError,
    MissingMemberError,
    UndecodableMemberError,
)
from _shared.contracts.source import ZIP, Member, ParseContract
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.files.archive import ArchiveLimits, name_fault, open_archive, read_member
from _shared.lambdas.libs.source.files.encodings import TOLERATED_LINES, EncodingDetector, FoundEncoding
from _shared.lambdas.libs.source.files.first_line import FirstLine
from _shared.lambdas.libs.source.files.members import stored_name
from _shared.lambdas.libs.source.files.packing import PackedFile
from _shared.lambdas.libs.source.files.raw_files import unpack
from tests._shared.lambdas.support import CONFIG, archive, keys, lake
from tests.bad_input.made import patched, special

PREFIX = "raw/pills/run_id=r/"
SOURCE = f"{PREFIX}pills.zip"
DOCUMENT = f"{PREFIX}_metadata.json"
LIMITS = ArchiveLimits()
CSV = "Code,Name\r\n0001,Gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n\r\n".encode()


@pytest.fixture(name="storage")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        yield storage


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("rrf/RXNCONSO.RRF", "RXNCONSO.RRF"),
        ("_hidden.csv", "hidden.csv"),
        (".csv", "csv"),
        ("Data [2026]*.csv", "Data__2026__.csv"),
        ("_", "member"),
    ],
)
def test_a_member_is_stored_under_a_name_that_every_reader_takes_as_it_is(name: str, stored: str) -> None:
    assert stored_name(name) == stored


def read_all(body: bytes, limits: ArchiveLimits = LIMITS) -> dict[str, bytes]:
    """Unpack everything in memory."""
    file: IO[bytes] = io.BytesIO(body)
    with open_archive(file, "s3://lake/x.zip", limits) as opened:
        return {entry.filename: b"".join(read_member(opened, entry, "s3://lake/x.zip")) for entry in opened.infolist()}


def test_an_honest_archive_is_unpacked() -> None:
    files = {"folder/": b"", "folder/a.csv": CSV, "b.csv": b"B"}
    assert read_all(archive(files)) == files


@pytest.mark.parametrize(
    "name",
    [
        "folder/../../escape.csv",
        "..",
        "./x.csv",
        "c:x.csv",
        "folder\\x.csv",
    ],
)
def test_a_name_that_escapes_is_hostile(name: str) -> None:
    with pytest.raises(HostileArchiveError):
        read_all(special(name))


def test_a_name_with_a_null_byte_is_hostile() -> None:
    body = special("a.csv?.exe")
    with pytest.raises(HostileArchiveError, match="control characters"):
        read_all(body.replace(b"a.csv?.exe", b"a.csv\x00.exe"))


@given(st.text(max_size=30))
def test_an_accepted_name_never_leaves_its_folder(name: str) -> None:
    if name_fault(name) is not None:
        return
    path = PurePosixPath(PREFIX) / name
    assert str(path).startswith(PREFIX.rstrip("/"))
    assert ".." not in path.parts
    assert "\\" not in name


@pytest.mark.parametrize("mode", [stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_a_link_or_device_is_hostile(mode: int) -> None:
    with pytest.raises(HostileArchiveError, match="link or a device"):
        read_all(special("x.csv", mode))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_an_entry_that_cannot_be_unpacked_in_bounded_memory_is_hostile(method: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        made.writestr("x.csv", bytes(64 * 1024 * 1024))
    # It declares less than it unpacks to, which no ratio of declared sizes gives away.
    lying = patched(target.getvalue(), 24, "<I", 1024)
    tracemalloc.start()
    with pytest.raises(HostileArchiveError, match="packed by a method other than deflate"):
        read_all(lying)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_two_entries_of_one_name_are_hostile() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("x.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("x.csv", b"2")
    with pytest.raises(HostileArchiveError, match="appears twice"):
        read_all(target.getvalue())


def test_too_much_in_all_is_hostile() -> None:
    with pytest.raises(HostileArchiveError, match="20 bytes unpacked, more than the 19"):
        read_all(archive({"a.csv": b"0123456789", "b.csv": b"0123456789"}), replace(LIMITS, total_bytes=19))


@pytest.mark.parametrize("declared", [len(CSV) - 1, 1])
def test_an_entry_larger_than_declared_is_not_unpacked_further(declared: int) -> None:
    with pytest.raises(CorruptArchiveError):
        read_all(patched(archive({"x.csv": CSV}), 24, "<I", declared))


def test_an_entry_smaller_than_declared_is_corrupt() -> None:
    with pytest.raises(CorruptArchiveError):
        read_all(patched(archive({"x.csv": CSV}), 24, "<I", len(CSV) + 1))


def test_a_wrong_checksum_is_corrupt() -> None:
    with pytest.raises(CorruptArchiveError, match="CRC"):
        read_all(patched(archive({"x.csv": CSV}), 16, "<I", 12345))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_archive_is_corrupt(share: float) -> None:
    body = archive({"x.csv": CSV * 100})
    with pytest.raises(CorruptArchiveError):
        read_all(body[: int(len(body) * share)])


@settings(max_examples=400)
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_one_changed_byte_gives_the_same_content_or_a_named_error(position: int, value: int) -> None:
    body = bytearray(archive({"x.csv": CSV * 20}))
    body[position % len(body)] = value
    try:
        assert list(read_all(bytes(body)).values()) == [CSV * 20]
    except MedallionError as error:
        assert isinstance(error, CorruptArchiveError | HostileArchiveError)  # noqa: PT017  # either is right


def unpacked(storage: LakeStorage, files: Mapping[str, bytes], *members: Member) -> list[str]:
    """Unpack in the lake and list what was made beside the archive."""
    storage.put(SOURCE, archive(files))
    unpack(storage, PackedFile(SOURCE, ZIP), members or CONFIG.members, (DOCUMENT,))
    return [key.removeprefix(PREFIX) for key in keys(storage, PREFIX) if key != SOURCE]


def test_members_are_unpacked_beside_the_archive(storage: LakeStorage) -> None:
    storage.put(SOURCE, archive({"folder/Pills.csv": CSV, "__MACOSX/._Pills.csv": b"x", "read.me": b"y"}))
    (member,) = unpack(storage, PackedFile(SOURCE, ZIP), CONFIG.members, (DOCUMENT,)).files
    assert member.key == f"{PREFIX}Pills.csv"
    assert member.name == "folder/Pills.csv"
    assert member.table == "pills"
    assert (member.bytes, member.sha256) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    assert (member.encoding, member.has_byte_order_mark) == ("utf-8", False)
    assert b"".join(storage.stream(member.key)) == CSV
    assert keys(storage) == [f"{PREFIX}Pills.csv", SOURCE]


@pytest.mark.parametrize(
    "name", ["._Pills.csv", "folder/._Pills.csv", "folder/__MACOSX/Pills.csv", "__MACOSX/folder/._Pills.csv"]
)
def test_what_macos_adds_is_no_member_at_any_depth(storage: LakeStorage, name: str) -> None:
    assert unpacked(storage, {"folder/Pills.csv": CSV, name: b"\0\5\x16\7"}) == ["Pills.csv"]
    with pytest.raises(MissingMemberError, match=r"no file matches '\*\.csv' of table 'pills'; it has no files"):
        unpacked(storage, {name: CSV})


def test_a_file_whose_name_only_resembles_is_a_member(storage: LakeStorage) -> None:
    assert unpacked(storage, {"__MACOSX.d/_.csv": CSV}) == ["csv"]


PILLS = replace(CONFIG.members[0], pattern="pills.csv")
OPTIONAL = replace(CONFIG.members[0], table="more", pattern="more.csv", optional=True)
HEADERLESS = replace(OPTIONAL, parse=ParseContract(header=False))


@pytest.mark.parametrize("member", [OPTIONAL, HEADERLESS], ids=["header", "no header"])
@pytest.mark.parametrize("body", [b"", b"\r\n", b"\n\n\r\n", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\r\n"])
def test_an_optional_file_without_text_is_absent(storage: LakeStorage, member: Member, body: bytes) -> None:
    assert unpacked(storage, {"more.csv": body, "pills.csv": CSV}, PILLS, member) == ["pills.csv"]


@pytest.mark.parametrize("body", [b"Code", b"Code\r\n", codecs.BOM_UTF8 + b'" Code"\n\r\n\n', b"Code\n\n"])
def test_an_optional_file_with_its_header_and_no_rows_is_absent(storage: LakeStorage, body: bytes) -> None:
    files = {"more.csv": body, "pills.csv": CSV}
    assert unpacked(storage, files, PILLS, OPTIONAL) == ["pills.csv"]
    # A required one is left to bronze, which says what is wrong.
    required = replace(OPTIONAL, optional=False)
    assert unpacked(storage, files, PILLS, required) == ["more.csv", "pills.csv"]


@pytest.mark.parametrize("body", [b"Kode\r\n", b"Code\r\n1", b"\r\nCode\r\n", b"<html>", b"Code,Name", b"\n1\n"])
def test_an_optional_file_with_any_other_text_is_not_absent(storage: LakeStorage, body: bytes) -> None:
    files = {"more.csv": body, "pills.csv": CSV}
    assert unpacked(storage, files, PILLS, OPTIONAL) == ["more.csv", "pills.csv"]


def test_one_line_of_a_file_without_header_is_a_row(storage: LakeStorage) -> None:
    files = {"more.csv": b"Code\r\n", "pills.csv": CSV}
    assert unpacked(storage, files, PILLS, HEADERLESS) == ["more.csv", "pills.csv"]


@given(body=st.text("Cod1,\r\n", max_size=12).map(str.encode), cuts=st.lists(st.integers(0, 12), max_size=4))
def test_a_file_without_rows_is_told_in_pieces_as_in_the_whole(body: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    watched = FirstLine()
    for start, end in itertools.pairwise(edges):
        watched.update(body[start:end])
    first, _, rest = body.partition(b"\n")
    blank = not rest.strip(b"\r\n")
    line = first.rstrip(b"\r")
    names = {name.strip() for name in line.split(b",")}
    expected = blank and (not line.strip() or (b"\r" not in line and names == {b"Code"}))
    assert watched.is_all_without_rows(OPTIONAL, "utf-8") == expected


def test_two_members_of_one_file_name_are_ambiguous(storage: LakeStorage) -> None:
    columns = CONFIG.members[0].columns
    with pytest.raises(AmbiguousMemberError, match="taken by more than one"):
        unpacked(storage, {"a/x.csv": CSV, "b/x.csv": CSV}, Member("a", "a/*", columns), Member("b", "b/*", columns))


def test_a_member_never_replaces_the_archive(storage: LakeStorage) -> None:
    with pytest.raises(AmbiguousMemberError, match="lake itself"):
        unpacked(storage, {"a/pills.zip": CSV}, Member("pills", "a/*", CONFIG.members[0].columns))


def test_a_member_never_replaces_the_release_document(storage: LakeStorage) -> None:
    unpacked(storage, {"a/_metadata.json": CSV}, Member("pills", "a/*", CONFIG.members[0].columns))
    assert DOCUMENT not in keys(storage)


def test_the_accepted_encodings_are_the_members_own(storage: LakeStorage) -> None:
    member = replace(CONFIG.members[0], parse=ParseContract(encodings=("utf-8",)))
    with pytest.raises(UndecodableMemberError):
        unpacked(storage, {"x.csv": b"caf\xe9"}, member)


def decodes(body: bytes, encoding: str) -> bool:
    """Say whether the whole decodes."""
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def detect(pieces: list[bytes]) -> tuple[str, bool]:
    """Detect piece by piece."""
    detector = EncodingDetector(("utf-8", "cp1252"))
    for piece in pieces:
        detector.update(piece)
    return detector.finish("x.csv").name, detector.has_byte_order_mark


TEXT = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=30).map(str.encode),
    st.text(alphabet="abc\xe9\xfc\u20ac", max_size=30).map(lambda text: text.encode("cp1252")),
    st.text(max_size=30).map(lambda text: codecs.BOM_UTF8 + text.encode()),
)


@given(body=TEXT, cuts=st.lists(st.integers(0, 60), max_size=5))
def test_the_encoding_found_in_pieces_is_that_of_the_whole(body: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(body)]
    pieces = [body[start:end] for start, end in itertools.pairwise(edges)]
    pieces = pieces if b"".join(pieces) == body else [body]
    marked = body.startswith(codecs.BOM_UTF8)
    accepted = [name for name in ("utf-8", "cp1252") if decodes(body, name) and not (marked and name == "cp1252")]
    if accepted and not body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert detect(pieces) == (accepted[0], marked)
    else:
        with pytest.raises(UndecodableMemberError):
            detect(pieces)


def test_a_character_cut_off_at_the_end_is_not_utf_8() -> None:
    assert detect([b"caf", "\xe9".encode()[:1]]) == ("cp1252", False)


def found(pieces: list[bytes], *encodings: str) -> FoundEncoding:
    """Detect piece by piece."""
    detector = EncodingDetector(encodings or ("utf-8", "cp1252"))
    for piece in pieces:
        detector.update(piece)
    return detector.finish("x.csv")


MANY = b"1,a\r\n" * TOLERATED_LINES
UMLAUTS = "1,\xfc\r\n" * 50


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (MANY + b"2,\x81\r\n", ("utf-8", 1)),
        (MANY + b"2,\x81\x90\x9d\r\n", ("utf-8", 1)),
        (MANY + b"2,\x81", ("utf-8", 1)),
        (MANY + "\xfc\r\n".encode("cp1252") + b"2,\x81\r\n", ("cp1252", 1)),
        (MANY + UMLAUTS.encode("cp1252") + b"2,\x81\r\n", ("cp1252", 1)),
        (MANY + UMLAUTS.encode() + b"2,\x81\r\n", ("utf-8", 1)),
        (codecs.BOM_UTF8 + MANY + b"2,\xfc\r\n", ("utf-8", 1)),
        (MANY + MANY + b"2,\x81\r\n3,\x90\r\n", ("utf-8", 2)),
    ],
)
def test_a_byte_in_no_accepted_encoding_costs_its_line_alone(body: bytes, expected: tuple[str, int]) -> None:
    assert found([body]) == FoundEncoding(*expected)
    assert found([body[start : start + 7] for start in range(0, len(body), 7)]) == FoundEncoding(*expected)


def test_more_undecodable_lines_than_tolerated_mean_another_encoding() -> None:
    with pytest.raises(UndecodableMemberError) as raised:
        found([b"1,a\n" * (TOLERATED_LINES - 2) + b"2,\x81\n"])
    assert raised.value.what == (
        "x.csv: in none of the accepted encodings (utf-8: 1 of 999 lines, the first with byte 0x81 at offset 3994; "
        "cp1252: 1 of 999 lines, the first with byte 0x81 at offset 3994)"
    )
    with pytest.raises(UndecodableMemberError, match="utf-8: 50 of 1050 lines, the first with byte 0xfc"):
        found([MANY + UMLAUTS.encode("cp1252")], "utf-8")


@given(
    lines=st.lists(st.one_of(st.binary(max_size=6), st.text(max_size=4).map(str.encode)), max_size=8),
    size=st.integers(1, 9),
)
def test_undecodable_lines_are_counted_one_by_one_however_the_file_is_cut(lines: list[bytes], size: int) -> None:
    body = MANY * 20 + b"\n".join(lines)
    expected = sum(not decodes(line, "utf-8") for line in body.split(b"\n"))
    head = len(MANY) * 20
    pieces = [body[:head], *(body[start : start + size] for start in range(head, len(body), size))]
    assert found(pieces, "utf-8") == FoundEncoding("utf-8", expected)


def test_memory_does_not_grow_with_a_line_that_cannot_be_decoded() -> None:
    detector = EncodingDetector(("utf-8", "cp1252"))
    piece = b"\x81" * 1024 * 1024
    tracemalloc.start()
    for _ in range(32):
        detector.update(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024

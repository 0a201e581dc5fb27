"""Gzip files that are whole, several in one, damaged, cut off, or made to do harm."""

from __future__ import annotations

import gzip
import itertools
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.errors import CorruptArchiveError, HostileArchiveError, MedallionError
from _shared.lambdas.libs.source.files.archive import ArchiveLimits
from _shared.lambdas.libs.source.files.gzip_file import gunzip

WHERE = "s3://lake/x.csv.gz"
LIMITS = ArchiveLimits()
CSV = b"Code,Name\r\n0001,Green\r\n" * 20
MEGABYTE = 1024 * 1024


def read_all(body: bytes, limits: ArchiveLimits = LIMITS, size: int = 10_000) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(gunzip(pieces, WHERE, len(body), limits))


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(1, 50), st.integers(0, 20))
def test_what_gzip_packs_comes_back_however_it_is_cut(parts: list[bytes], size: int, padding: int) -> None:
    body = b"".join(gzip.compress(part) for part in parts) + bytes(padding)
    assert read_all(body, size=size) == b"".join(parts)


@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_one_changed_byte_gives_the_same_content_or_a_named_error(position: int, value: int) -> None:
    body = bytearray(gzip.compress(CSV))
    body[position % len(body)] = value
    try:
        assert read_all(bytes(body)) == CSV
    except MedallionError as error:
        assert isinstance(error, CorruptArchiveError)  # noqa: PT017  # either is right


@pytest.mark.parametrize("length", range(1, len(gzip.compress(CSV))))
def test_a_file_that_is_cut_off_is_corrupt(length: int) -> None:
    with pytest.raises(CorruptArchiveError, match="it ends before its end is marked"):
        read_all(gzip.compress(CSV)[:length])


def test_what_follows_and_is_no_gzip_file_is_damage() -> None:
    with pytest.raises(CorruptArchiveError, match="incorrect header check"):
        read_all(gzip.compress(CSV) + b"more")


def test_a_bomb_is_hostile_before_it_is_unpacked() -> None:
    body = gzip.compress(bytes(400 * MEGABYTE), 9)
    unpacked: list[int] = []
    tracemalloc.start()
    with pytest.raises(HostileArchiveError, match=rf"unpacks {len(body)} to at least \d+ bytes, more than 200:1"):
        unpacked.extend(len(piece) for piece in gunzip([body], WHERE, len(body), LIMITS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(unpacked) <= 200 * len(body)
    assert peak < 8 * MEGABYTE


def test_too_much_is_hostile() -> None:
    with pytest.raises(HostileArchiveError, match="more than the 19 bytes allowed"):
        read_all(gzip.compress(b"0123456789" * 2), replace(LIMITS, total_bytes=19))


def test_too_many_in_a_row_are_hostile() -> None:
    few = replace(LIMITS, members=10)
    assert read_all(gzip.compress(b"x") * 10, few) == b"x" * 10
    with pytest.raises(HostileArchiveError, match="more than 10 gzip files in a row"):
        read_all(gzip.compress(b"") * 11, few)


def test_memory_does_not_grow_with_the_file() -> None:
    noise = bytes(itertools.islice(itertools.cycle(range(251)), MEGABYTE))
    packed = gzip.compress(noise, 1)

    def endless() -> Iterator[bytes]:
        for _ in range(60):
            yield packed

    tracemalloc.start()
    assert sum(map(len, gunzip(endless(), WHERE, 60 * len(packed), replace(LIMITS, ratio=10_000)))) == 60 * MEGABYTE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MEGABYTE

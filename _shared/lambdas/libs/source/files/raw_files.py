"""Unpack the declared files of a source into raw, next to the fetched file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from _shared.contracts.errors import AmbiguousMemberError, EmptySourceError
from _shared.contracts.messages import shown
from _shared.contracts.release import RawMember
from _shared.contracts.source import Member
from _shared.lambdas.libs.aws.s3_writer import MultipartWriter
from _shared.lambdas.libs.hash_utils import StreamHasher
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.files.archive import ArchiveLimits
from _shared.lambdas.libs.source.files.encodings import EncodingDetector
from _shared.lambdas.libs.source.files.first_line import FirstLine
from _shared.lambdas.libs.source.files.members import pick_members, stored_name
from _shared.lambdas.libs.source.files.packing import Entry, PackedFile, open_packed


@dataclass(frozen=True)
class Unpacked:
    """Result of unpacking a fetched file.

    Parameters
    ----------
    files
        The declared files, without optional ones that have no rows.
    names
        Paths of all files in the fetched file.
    """

    files: tuple[RawMember, ...]
    names: tuple[str, ...]


def unpack(
    storage: LakeStorage,
    packed: PackedFile,
    members: Sequence[Member],
    reserved: Sequence[str],
    limits: ArchiveLimits | None = None,
) -> Unpacked:
    """Write the declared files next to the fetched file, one after the other, in bounded memory.

    A plain file is only read; it is already in raw.

    Parameters
    ----------
    packed
        The fetched file; the unpacked files get the same prefix.
    members
        Declared members of the source.
    reserved
        Keys that no unpacked file may have.

    Raises
    ------
    CorruptArchiveError, HostileArchiveError
        As for :func:`~_shared.lambdas.libs.source.files.packing.open_packed`.
    MissingMemberError, AmbiguousMemberError
        As for :func:`~_shared.lambdas.libs.source.files.members.pick_members`; or a file has a reserved key.
    EmptySourceError, UndecodableMemberError
        A required file has zero bytes, or no accepted encoding can decode a file.
    """
    where = storage.address(packed.key)
    with open_packed(storage, packed, limits or ArchiveLimits()) as entries:
        by_name = {entry.name: entry for entry in entries}
        picked = [(member, by_name[name]) for member, name in pick_members([*by_name], members, where)]
        for _, entry in picked:
            if _key(packed, entry) in {*reserved, *([packed.key] if not packed.is_plain else [])}:
                msg = f"{where}: the name of {shown(entry.name)} is taken by a file of the lake itself"
                raise AmbiguousMemberError(msg, "narrow the member's pattern in dataset.json")
        files = [_unpack_one(storage, packed, entry, member) for member, entry in picked]
        return Unpacked(tuple(file for file in files if file is not None), tuple(by_name))


def _key(packed: PackedFile, entry: Entry) -> str:
    return packed.key[: packed.key.rindex("/") + 1] + stored_name(entry.name)


def _unpack_one(storage: LakeStorage, packed: PackedFile, entry: Entry, member: Member) -> RawMember | None:
    """Write one file; return ``None`` for an optional file without rows, which counts as absent."""
    where = storage.address(packed.key)
    where = where if packed.is_plain else f"{where}: {entry.name}"
    hasher = StreamHasher()
    detector = EncodingDetector(member.parse.encodings)
    first_line = FirstLine()
    key = _key(packed, entry)
    with nullcontext() if packed.is_plain else MultipartWriter(storage, key) as writer:
        for data in entry.read():
            hasher.update(data)
            detector.update(data)
            first_line.update(data)
            if writer is not None:
                writer.write(data)
        if hasher.length == 0 and not member.optional:
            msg = f"{where} is empty"
            raise EmptySourceError(msg, "look whether the source is being replaced, and run again")
        encoding = detector.finish(where)
        if member.optional and first_line.is_all_without_rows(member, encoding.name):
            if writer is not None:
                writer.abort()
            return None
    if encoding.undecodable_lines:
        lines, name = encoding.undecodable_lines, encoding.name
        LOGGER.warning("%s: %d lines have bytes that %s does not know", where, lines, name)
    return RawMember(
        table=member.table,
        name=entry.name,
        key=key,
        bytes=hasher.length,
        sha256=hasher.hexdigest(),
        encoding=encoding.name,
        has_byte_order_mark=detector.has_byte_order_mark,
        undecodable_lines=encoding.undecodable_lines,
        verified=packed.verified,
    )

"""Lay the files of a source out in raw, beside what they came in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from _shared.contracts.dataset import Member
from _shared.contracts.errors import AmbiguousMemberError, EmptySourceError
from _shared.contracts.messages import shown
from _shared.contracts.release import RawMember
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
    """What came out of a file.

    Parameters
    ----------
    files
        The declared files that it has, less the optional ones without rows.
    names
        Paths of all files in it.
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
    """Write the declared files beside what they came in, one after the other, in flat memory.

    A plain file is the one that came: it is read, and stays where it is.

    Parameters
    ----------
    packed
        The file that came; others go under the same prefix.
    members
        What the dataset declares.
    reserved
        Keys that no file may take.

    Raises
    ------
    CorruptArchiveError, HostileArchiveError
        As in :func:`~_shared.lambdas.libs.source.files.packing.open_packed`.
    MissingMemberError, AmbiguousMemberError
        As in :func:`~_shared.lambdas.libs.source.files.members.pick_members`; or a file's name is taken
        by the lake itself.
    EmptySourceError, UndecodableMemberError
        A required file has no bytes, or one is in none of its accepted encodings.
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
    """Write one file; ``None`` for an optional one without rows, which is as if it were not there."""
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

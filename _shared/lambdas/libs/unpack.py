"""Unpack an archive that lies in the lake into files beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, cast

from _shared.contracts.dataset import Member
from _shared.contracts.messages import shown
from _shared.contracts.release import RawMember
from _shared.lambdas.libs.archives import ArchiveLimits, open_archive, pick_members, read_member, stored_name
from _shared.lambdas.libs.encodings import EncodingDetector
from _shared.lambdas.libs.errors import AmbiguousMemberError, EmptySourceError
from _shared.lambdas.libs.hash_utils import StreamHasher
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.s3_reader import LakeReader
from _shared.lambdas.libs.s3_upload import MultipartWriter


@dataclass(frozen=True)
class Unpacked:
    """What came out of an archive.

    Parameters
    ----------
    members
        The configured files that it has, less the optional ones without a byte.
    names
        Paths of all its entries.
    """

    members: tuple[RawMember, ...]
    names: tuple[str, ...]


def unpack(
    storage: LakeStorage,
    source_key: str,
    members: Sequence[Member],
    reserved: Sequence[str],
    limits: ArchiveLimits | None = None,
) -> Unpacked:
    """Write the configured members beside their archive, one after the other, in flat memory.

    Parameters
    ----------
    source_key
        Key of the archive; members go under the same prefix.
    members
        What the dataset declares.
    reserved
        Keys that no member may take.

    Raises
    ------
    CorruptArchiveError, HostileArchiveError, MissingMemberError, AmbiguousMemberError
        As in :mod:`_shared.lambdas.libs.archives`.
    EmptySourceError, UndecodableMemberError
        A required member has no bytes, or one is in none of its accepted encodings.
    """
    where = storage.address(source_key)
    prefix = source_key[: source_key.rindex("/") + 1]
    # LakeReader has all that zipfile asks of a file.
    file = cast("IO[bytes]", LakeReader(storage, source_key))
    with open_archive(file, where, limits or ArchiveLimits()) as archive:
        picked = pick_members(archive.infolist(), members, where)
        for _, entry in picked:
            if prefix + stored_name(entry) in {source_key, *reserved}:
                msg = f"{where}: the name of {shown(entry.filename)} is taken by a file of the lake itself"
                raise AmbiguousMemberError(msg, "narrow the member's pattern in dataset.json")
        unpacked = [_unpack_one(storage, archive, entry, member, source_key) for member, entry in picked]
        return Unpacked(tuple(member for member in unpacked if member is not None), tuple(archive.namelist()))


def _unpack_one(
    storage: LakeStorage, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, member: Member, source_key: str
) -> RawMember | None:
    """Write one member; ``None`` for an optional one without a byte, which is as if it were not there."""
    address = storage.address(source_key)
    where = f"{address}: {entry.filename}"
    key = source_key[: source_key.rindex("/") + 1] + stored_name(entry)
    hasher = StreamHasher()
    detector = EncodingDetector(member.parse.encodings)
    with MultipartWriter(storage, key) as writer:
        for data in read_member(archive, entry, address):
            hasher.update(data)
            detector.update(data)
            writer.write(data)
        if hasher.length == 0 and member.optional:
            writer.abort()
            return None
        if hasher.length == 0:
            msg = f"{where} is empty"
            raise EmptySourceError(msg, "look whether the source is being replaced, and run again")
        encoding = detector.finish(where)
    return RawMember(
        table=member.table,
        name=entry.filename,
        key=key,
        bytes=hasher.length,
        sha256=hasher.hexdigest(),
        encoding=encoding,
        has_byte_order_mark=detector.has_byte_order_mark,
    )

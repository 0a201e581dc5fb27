"""Match the files of a source with the declared members. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from _shared.contracts.errors import AmbiguousMemberError, MissingMemberError
from _shared.contracts.messages import listed_values, shown
from _shared.contracts.source import Member
from _shared.lambdas.libs.source.files.object_names import plain_name

_APPLE_FOLDER = "__MACOSX"
_APPLE_DOUBLE = "._"
_SHOWN_NAMES = 5


def pick_members(names: Sequence[str], members: Sequence[Member], where: str) -> list[tuple[Member, str]]:
    """Find the files of each member, in the order of the members and, for one member, of the file names.

    Optional members may have no file. Metadata files that macOS adds to an archive are ignored.

    Raises
    ------
    MissingMemberError, AmbiguousMemberError
        A pattern matches no file, or several although one is declared; or two files would get the same name in raw.
    """
    files = sorted(name for name in names if not _is_apple_metadata(name))
    picked = [(member, name) for member in members for name in _pick(files, member, where)]
    stored = [stored_name(name) for _, name in picked]
    for name in stored:
        if stored.count(name) > 1:
            msg = f"{where}: the file name {shown(name)} is taken by more than one member"
            raise AmbiguousMemberError(msg, "make the members' patterns match different files")
    return picked


def stored_name(name: str) -> str:
    """Return the name of a file in raw: the base name, with special characters replaced."""
    return plain_name(name.rsplit("/", 1)[-1], "member")


def _is_apple_metadata(name: str) -> bool:
    """Whether the file is metadata of macOS, which has the same name and extension as the file that it describes."""
    *folders, file = name.split("/")
    return file.startswith(_APPLE_DOUBLE) or _APPLE_FOLDER in folders


def _pick(files: list[str], member: Member, where: str) -> list[str]:
    found = [name for name in files if fnmatchcase(name, member.pattern)]
    if not found and not member.optional:
        msg = f"{where}: no file matches {member.pattern!r} of table {member.table!r}; it has {_names(files)}"
        raise MissingMemberError(msg, "correct the member's pattern in dataset.json")
    if len(found) > 1 and not member.many:
        msg = f"{where}: {_names(found)} match {member.pattern!r} of table {member.table!r}, where one must"
        raise AmbiguousMemberError(msg, "narrow the member's pattern in dataset.json")
    return found


def _names(files: list[str]) -> str:
    return listed_values(files, _SHOWN_NAMES) or "no files"

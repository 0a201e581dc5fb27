"""Ask every source of a dataset, and lay out in raw what is new."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import NamedTuple

from _shared.contracts.dataset import Source
from _shared.contracts.errors import ContractError
from _shared.contracts.layout import release_key, source_prefix
from _shared.contracts.release import ABSENT, FETCHED, UNCHANGED, FetchedSource, SourceState
from _shared.lambdas.libs.addresses import source_name
from _shared.lambdas.libs.decisions import Seen
from _shared.lambdas.libs.download_limits import Limits
from _shared.lambdas.libs.errors import SourceNotFoundError
from _shared.lambdas.libs.hash_utils import StreamHasher
from _shared.lambdas.libs.http_source import SourceClient
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.release_dates import released
from _shared.lambdas.libs.releases import find_release
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.s3_upload import MultipartWriter
from _shared.lambdas.libs.sources import Download, open_source
from _shared.lambdas.libs.unpack import unpack


@dataclass(frozen=True)
class SourceRun:
    """The sources of one run: who asks, where, and where it is to lie.

    Parameters
    ----------
    started_at
        Start of the run, ISO 8601.
    client_of
        Gives the client for an address, which may need a key.
    """

    dataset: str
    run_id: str
    started_at: str
    storage: LakeStorage
    client_of: Callable[[str], SourceClient]


class Wanted(NamedTuple):
    """A source to request, where, and its published state where only another is wanted."""

    source: Source
    url: str
    known: SourceState | None = None


@dataclass(frozen=True)
class Answer:
    """What a source answered, and where its bytes go.

    Parameters
    ----------
    writer
        Has the bytes, which are an object once it is closed; ``None`` where none were fetched.
    seconds_left
        Of the time that the source has, for a source that must be asked again.
    """

    source: Source
    url: str
    seen: Seen
    key: str | None = None
    writer: MultipartWriter | None = None
    seconds_left: float = 0.0


def ask(run: SourceRun, wanted: Wanted, uploads: ExitStack, seconds: float | None = None) -> Answer:
    """Request one source, conditionally where it is known, and take its bytes on the way.

    Parameters
    ----------
    uploads
        Takes the writer: the caller decides by all sources together whether the bytes become an object.
    seconds
        What is left of the source's time; ``None`` where all of it is.

    Raises
    ------
    TransientError, TerminalError
        As :meth:`SourceClient.get` and :meth:`Download.chunks`; an optional source that is not there is no error.
    """
    source, url, known = wanted
    try:
        download = open_source(run.client_of(url), url, known, Limits.of(source, seconds))
    except SourceNotFoundError:
        if not source.optional:
            raise
        return Answer(source, url, Seen(source.name, None))
    if download.not_modified and known is not None:
        download.close()
        seen = Seen(source.name, known, not_modified=True)
        return Answer(source, url, seen, seconds_left=download.seconds_left)
    key = source_prefix(run.dataset, run.run_id, source.name) + source_name(url)
    writer = uploads.enter_context(MultipartWriter(run.storage, key))
    return Answer(source, url, Seen(source.name, _store(download, writer)), key, writer)


def lay_out(run: SourceRun, answer: Answer, published_by: str | None) -> FetchedSource:
    """Unpack a source, or find the files of the run that did.

    Parameters
    ----------
    published_by
        The run whose files an unchanged source has.

    Raises
    ------
    TransientError, TerminalError
        As :func:`ask` and :func:`unpack`.
    """
    if answer.seen.not_modified:
        kept = _kept(run, answer, published_by)
        if kept is not None:
            return kept
        with ExitStack() as uploads:
            answer = ask(run, Wanted(answer.source, answer.url), uploads, answer.seconds_left)
    source, state = answer.source, answer.seen.state
    if state is None or answer.key is None:
        return FetchedSource(source.name, ABSENT, absent_tables=tuple(member.table for member in source.members))
    unpacked = unpack(run.storage, answer.key, source.members, (release_key(run.dataset, run.run_id),))
    there = {member.table for member in unpacked.members}
    return FetchedSource(
        name=source.name,
        outcome=FETCHED,
        state=state,
        key=answer.key,
        members=unpacked.members,
        absent_tables=tuple(member.table for member in source.members if member.table not in there),
        released=_released(run, source, state, unpacked.names),
        fetched_by=run.run_id,
    )


def _store(download: Download, writer: MultipartWriter) -> SourceState:
    """Write and hash the body while it passes."""
    hasher = StreamHasher()
    for chunk in download.chunks():
        if chunk.offset != hasher.length:
            writer.restart()
            hasher = StreamHasher()
        hasher.update(chunk.data)
        writer.write(chunk.data)
    return SourceState(
        url=download.url,
        sha256=hasher.hexdigest(),
        bytes=hasher.length,
        etag=download.validators.etag,
        last_modified=download.validators.last_modified,
    )


def _kept(run: SourceRun, answer: Answer, published_by: str | None) -> FetchedSource | None:
    """Return the files of an unchanged source; ``None`` where one has expired from raw, or is not what it was."""
    try:
        release = find_release(run.storage, run.dataset, published_by) if published_by else None
    except ContractError:
        LOGGER.exception("the release document of the published run cannot be read: its source is fetched again")
        release = None
    for found in release.sources if release else ():
        if found.name == answer.source.name and found.state == answer.seen.state and _is_there(run.storage, found):
            day = found.released or _released(run, answer.source, answer.seen.state, ())
            return replace(found, outcome=UNCHANGED, released=day)
    return None


def _is_there(storage: LakeStorage, found: FetchedSource) -> bool:
    expected = {member.key: member.bytes for member in found.members}
    return all((info := storage.head(key)) is not None and info.size == size for key, size in expected.items())


def _released(run: SourceRun, source: Source, state: SourceState | None, names: tuple[str, ...]) -> str | None:
    if state is None:
        return None
    return released(source.release_date, (source_name(state.url), *names), state.last_modified, run.started_at)

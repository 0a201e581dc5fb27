"""Source kind ``http_file``: one file on a web server, packed as zip or gzip, or plain.

Only the content identifies the state for certain. The probe therefore sends a conditional request. Unless the server
reports "not modified", the probe hashes the body while it writes the body to raw.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from _shared.contracts.errors import SourceNotFoundError
from _shared.contracts.layout import release_key, source_prefix
from _shared.contracts.release import ABSENT, FETCHED, UNCHANGED, FetchedSource, SourceState
from _shared.contracts.source import GZIP, Source
from _shared.lambdas.libs.aws.s3_writer import MultipartWriter
from _shared.lambdas.libs.hash_utils import StreamHasher
from _shared.lambdas.libs.source.base import SourceRun
from _shared.lambdas.libs.source.files.earlier_files import files_of_earlier_run
from _shared.lambdas.libs.source.files.packing import GZIP_ENDING, PackedFile
from _shared.lambdas.libs.source.files.raw_files import unpack
from _shared.lambdas.libs.source.http.addresses import source_name
from _shared.lambdas.libs.source.http.download import Download, open_source
from _shared.lambdas.libs.source.http.limits import Limits
from _shared.lambdas.libs.source.release_date import released


class HttpFile:
    """Reader for the kind ``http_file``; see :class:`~_shared.lambdas.libs.source.base.SourceReader`."""

    def __init__(self, run: SourceRun, source: Source) -> None:
        self._run = run
        self._source = source
        self._url = run.urls[source.name]
        self._uploads = ExitStack()
        self._writer: MultipartWriter | None = None
        self._found: FetchedSource | None = None
        self._length_declared = False
        self._seconds_left: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._uploads.__exit__(kind, error, trace)

    def probe(self, known: SourceState | None) -> FetchedSource:
        """Request the file conditionally, and store the body if it has changed."""
        self._found = self._request(known)
        return self._found

    def discard(self) -> None:
        """Abort the upload of the downloaded body."""
        if self._writer is not None:
            self._writer.abort()

    def fetch(self, published_by: str | None) -> FetchedSource:
        """Unpack the file, or reuse the files of an earlier run."""
        found = self._found or self.probe(None)
        if found.outcome == UNCHANGED:
            kept = files_of_earlier_run(self._run, found, published_by)
            if kept is not None:
                return kept.unchanged(kept.released or self._released(kept.state, ()))
            with self:
                found = self.probe(None)
        if found.state is None or found.key is None:
            return found
        packed = PackedFile(found.key, self._source.packing, length_declared=self._length_declared)
        reserved = (release_key(self._run.dataset, self._run.run_id),)
        unpacked = unpack(self._run.storage, packed, self._source.members, reserved)
        return found.with_files(
            unpacked.files, self._source.tables, released=self._released(found.state, unpacked.names)
        )

    def _request(self, known: SourceState | None) -> FetchedSource:
        source, url, run = self._source, self._url, self._run
        try:
            download = open_source(run.client_of(url), url, known, Limits.of(source, self._seconds_left))
        except SourceNotFoundError:
            if not source.optional:
                raise
            return FetchedSource(source.name, ABSENT, absent_tables=source.tables)
        if download.not_modified and known is not None:
            download.close()
            self._seconds_left = download.seconds_left
            return FetchedSource(source.name, UNCHANGED, known)
        key = source_prefix(run.dataset, run.run_id, source.name) + self._file_name()
        self._writer = self._uploads.enter_context(MultipartWriter(run.storage, key))
        state = store_body(download, self._writer)
        self._length_declared = download.length_declared
        return FetchedSource(source.name, FETCHED, state, key, fetched_by=run.run_id)

    def _file_name(self) -> str:
        name = source_name(self._url)
        return name if self._source.packing != GZIP or name.endswith(GZIP_ENDING) else name + GZIP_ENDING

    def _released(self, state: SourceState | None, names: tuple[str, ...]) -> str | None:
        if state is None:
            return None
        where = (source_name(state.url), *names)
        return released(self._source.release_date, where, state.last_modified, self._run.started_at)


def store_body(download: Download, writer: MultipartWriter) -> SourceState:
    """Stream a body to raw, compute its hash, and return the state."""
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

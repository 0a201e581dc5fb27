"""The implemented kinds of sources, by their name in the configuration."""

from __future__ import annotations

from collections.abc import Callable

from _shared.contracts.errors import UnsupportedSourceError
from _shared.contracts.source import HTTP_FILE, Source
from _shared.lambdas.libs.source.base import SourceReader, SourceRun
from _shared.lambdas.libs.source.http_file import HttpFile

KINDS: dict[str, Callable[[SourceRun, Source], SourceReader]] = {HTTP_FILE: HttpFile}


def reader_of(run: SourceRun, source: Source) -> SourceReader:
    """Return the reader of a source.

    Raises
    ------
    UnsupportedSourceError
        The kind is not implemented.
    """
    kind = KINDS.get(source.kind)
    if kind is None:
        msg = f"source {source.name!r}: no reader for sources of kind {source.kind!r}"
        raise UnsupportedSourceError(msg, f"use one of {', '.join(sorted(KINDS))}")
    return kind(run, source)

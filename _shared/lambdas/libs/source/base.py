"""Interface of all kinds of sources: probe the state, then fetch the files.

The fetch step uses only this interface. A new kind of source needs a module with a reader, and an entry in
:mod:`_shared.lambdas.libs.source.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self

from _shared.contracts.release import FetchedSource, SourceState
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.http.client import SourceClient


@dataclass(frozen=True)
class SourceRun:
    """The run that reads the sources.

    Parameters
    ----------
    started_at
        Start of the run, ISO 8601.
    urls
        URL of each source by name.
    client_of
        Returns the HTTP client for a URL; licensed URLs need a client with a key.
    """

    dataset: str
    run_id: str
    started_at: str
    storage: LakeStorage
    urls: Mapping[str, str]
    client_of: Callable[[str], SourceClient]


class SourceReader(AbstractContextManager["SourceReader"], Protocol):
    """Reads one declared source in one run.

    If the state can only be computed from the content, ``probe`` also downloads the content. It is stored in raw on a
    clean exit from the ``with`` block, unless it was discarded; after an exception nothing is stored. Call ``fetch``
    after the ``with`` block.
    """

    def __enter__(self) -> Self:
        """Enter the context."""

    def probe(self, known: SourceState | None) -> FetchedSource:
        """Determine the current state of the source.

        Parameters
        ----------
        known
            The published state, for a conditional request; ``None`` for an unconditional one.

        Returns
        -------
        FetchedSource
            Without files. The outcome is ``unchanged`` if the source has the known state, ``absent`` if an optional
            source does not exist, otherwise ``fetched``.

        Raises
        ------
        TransientError, TerminalError
            The source cannot be read, or does not match its declaration.
        """

    def discard(self) -> None:
        """Discard content that ``probe`` downloaded, because the run does not need it."""

    def fetch(self, published_by: str | None) -> FetchedSource:
        """Store the files of the probed state in raw.

        Parameters
        ----------
        published_by
            The run that published the state of an unchanged source; its files are reused.

        Raises
        ------
        TransientError, TerminalError
            As for :meth:`probe`; or a file does not match its declaration.
        """

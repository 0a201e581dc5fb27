"""What every kind of source has in common: it is probed for its state, then its files are fetched.

The fetch step knows sources by these alone. A new kind is a module with a reader, and a line in
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
        Address of each source by name.
    client_of
        Gives the client for an address, which may need a key.
    """

    dataset: str
    run_id: str
    started_at: str
    storage: LakeStorage
    urls: Mapping[str, str]
    client_of: Callable[[str], SourceClient]


class SourceReader(AbstractContextManager["SourceReader"], Protocol):
    """One declared source, as one run reads it.

    A kind whose state is known only from its content takes the content while it is probed. It becomes an object of the
    lake on a clean exit from the ``with`` block, unless it was discarded; an exception leaves nothing behind. Files
    are fetched afterwards.
    """

    def __enter__(self) -> Self:
        """Begin."""

    def probe(self, known: SourceState | None) -> FetchedSource:
        """Ask for the state that the source has now.

        Parameters
        ----------
        known
            The published state, so that nothing is sent where it is the same; ``None`` where that does not matter.

        Returns
        -------
        FetchedSource
            Without files: ``unchanged`` where the source says that it has the known state, ``absent`` where the
            release may lack it and it is not there, ``fetched`` otherwise.

        Raises
        ------
        TransientError, TerminalError
            The source cannot be read, or is not what is declared.
        """

    def discard(self) -> None:
        """Give up what was taken while the source was probed: nothing of it is needed."""

    def fetch(self, published_by: str | None) -> FetchedSource:
        """Put the files of the state that was found into raw.

        Parameters
        ----------
        published_by
            The run whose files an unchanged source has.

        Raises
        ------
        TransientError, TerminalError
            As :meth:`probe`; or a file is not what is declared.
        """

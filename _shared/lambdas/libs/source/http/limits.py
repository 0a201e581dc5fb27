"""Limits for the download of a source: time, size and packing."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts.errors import SlowDownloadError, SourceTooLargeError
from _shared.contracts.source import ZIP, Source
from _shared.lambdas.libs.source.http.bounded import Deadline

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """The limits of one download.

    Parameters
    ----------
    bytes
        Maximum length of the body, declared or received.
    deadline
        Time by which the download must be complete, including retries.
    packing
        Expected packing of the file.
    """

    bytes: int
    deadline: Deadline
    packing: str = ZIP

    @classmethod
    def of(cls, source: Source, seconds: float | None = None) -> Limits:
        """Return the limits of a source; ``seconds`` is the time that an earlier request has left."""
        deadline = Deadline(source.max_seconds if seconds is None else seconds)
        return cls(source.max_megabytes * MEGABYTE, deadline, source.packing)

    def check_size(self, url: str, size: int, how: str) -> None:
        """Raise SourceTooLargeError if the size exceeds the limit; ``how`` is the verb for the message."""
        if size > self.bytes:
            allowed = self.bytes // MEGABYTE
            msg = f"source {url}: its file {how} {size} bytes, more than the {allowed} MB that the dataset allows"
            raise SourceTooLargeError(msg, "look at the source; if it is right, raise max_megabytes in dataset.json")


def too_slow(url: str, deadline: Deadline, how_far: str) -> SlowDownloadError:
    """Return the error for a download that exceeded its time limit."""
    msg = f"source {url}: not complete after {deadline.seconds:.0f} s: {how_far}"
    return SlowDownloadError(msg, "wait, and run again, or raise max_seconds of the source in dataset.json")

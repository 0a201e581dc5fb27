"""When a source was released, as the source itself tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from _shared.contracts.dataset import ReleaseDate, Source
from _shared.contracts.release import FetchedSource
from _shared.lambdas.libs.time_utils import http_date, parse_timestamp


def released(rule: ReleaseDate | None, names: Iterable[str], last_modified: str | None, started_at: str) -> str | None:
    """Return the release date of one source, ``YYYY-MM-DD``; ``None`` where nothing tells one.

    A date after the run is a mistake of the server's clock (RFC 9110, 8.8.2.1) or of who named the file, and is not
    believed.

    Parameters
    ----------
    rule
        Where the date is written.
    names
        Where it may be written, in order of preference: the name of the file, then those of the files inside it.
    started_at
        Start of the run, ISO 8601.
    """
    latest = parse_timestamp(started_at).date()
    dates = (day for day in (*_written(rule, names), http_date(last_modified)) if day is not None)
    return next((day.isoformat() for day in dates if day <= latest), None)


def release_version(sources: Iterable[Source], fetched: Iterable[FetchedSource], started_at: str) -> str:
    """Return the release date of a whole release: the latest of the sources' that every release has.

    One that tells no date counts as of the run's day, lest another's make new rows those of an old version. Optional
    sources do not count: a release without the newest of them would be older than the one before, and never current.

    Parameters
    ----------
    sources
        As configured; at least one is required.
    started_at
        Start of the run, ISO 8601.
    """
    today = parse_timestamp(started_at).date().isoformat()
    required = {source.name for source in sources if not source.optional}
    return max(source.released or today for source in fetched if source.name in required)


def _written(rule: ReleaseDate | None, names: Iterable[str]) -> Iterator[date]:
    if rule is None:
        return
    for name in names:
        for text in re.findall(rule.pattern, name):
            try:
                # The day is all that is wanted of it.
                yield datetime.strptime(text, rule.format).date()  # noqa: DTZ007
            except ValueError:
                continue

"""Determine release dates of sources and releases. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from _shared.contracts.release import FetchedSource
from _shared.contracts.source import ReleaseDate, Source
from _shared.lambdas.libs.time_utils import http_date, parse_timestamp


def released(rule: ReleaseDate | None, names: Iterable[str], last_modified: str | None, started_at: str) -> str | None:
    """Return the release date of one source, ``YYYY-MM-DD``; ``None`` if unknown.

    A date after the start of the run is ignored: the server's clock (RFC 9110, 8.8.2.1) or the file name is wrong.

    Parameters
    ----------
    rule
        How to extract the date from a name.
    names
        Names to search, in order of preference: the name of the file, then the names of the files inside it.
    started_at
        Start of the run, ISO 8601.
    """
    latest = parse_timestamp(started_at).date()
    dates = (day for day in (*_written(rule, names), http_date(last_modified)) if day is not None)
    return next((day.isoformat() for day in dates if day <= latest), None)


def release_version(sources: Iterable[Source], fetched: Iterable[FetchedSource], started_at: str) -> str:
    """Return the release date of a release: the latest date of the required sources.

    A source without a date counts with the date of the run; otherwise its new rows could get the version of an older
    release. Optional sources are ignored: if the newest one were absent from a later release, that release would get
    an older date than the previous one and never become current.

    Parameters
    ----------
    sources
        Configured sources; at least one of them is required.
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
                # Only the date is used.
                yield datetime.strptime(text, rule.format).date()  # noqa: DTZ007
            except ValueError:
                continue

"""Validation rules for the sources of a dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.source import GZIP, HTTP_FILE, PLAIN, ZIP, ReleaseDate, Source
from config.errors import mismatch
from config.release.members import IDENTIFIER, IDENTIFIER_WORDS, member_mistakes, repeated

KINDS = (HTTP_FILE,)
"""Kinds of source for which FetchAndHash has a reader. Paged APIs are not implemented."""

PACKINGS = (ZIP, GZIP, PLAIN)

KEY_PLACEHOLDER = "{key}"
"""Placeholder of the key in a licensed address."""

DOWNLOADS_SECONDS = 600
"""Time limit for all downloads of a run. FetchAndHash's own limit is longer, to leave time for unpacking."""

LARGEST_MEGABYTES = 50_000
"""Below the limit of one multipart upload: 10,000 parts of 8 MiB."""

_SOME_DAY = datetime(2019, 4, 29, tzinfo=UTC)


def source_mistakes(config: DatasetConfig) -> Iterator[str]:
    """Yield one line for each mistake: key, expected value, value found."""
    if not config.sources:
        yield mismatch("sources", [], "at least one source")
    yield from repeated("sources", "name", (source.name for source in config.sources))
    yield from repeated("members", "table", (member.table for member in config.members))
    if len(config.sources) > 1:
        yield from repeated(
            "sources", "file name", (urlsplit(source.url).path.rsplit("/", 1)[-1] for source in config.sources)
        )
    if config.sources and all(source.optional for source in config.sources):
        yield mismatch("sources.optional", True, "at least one source that a release must have")
    together = sum(source.max_seconds for source in config.sources)
    if together > DOWNLOADS_SECONDS:
        yield mismatch("sources.max_seconds", together, f"at most {DOWNLOADS_SECONDS} for all sources together")
    for index, source in enumerate(config.sources):
        place = f"sources.{index}."
        yield from member_mistakes(f"{place}members", source.members)
        yield from _own_mistakes(place, source)


def _own_mistakes(place: str, source: Source) -> Iterator[str]:
    if not IDENTIFIER.fullmatch(source.name):
        yield mismatch(f"{place}name", source.name, IDENTIFIER_WORDS)
    if source.kind not in KINDS:
        yield mismatch(f"{place}kind", source.kind, f"a kind that is built: {', '.join(KINDS)}")
    if source.packing not in PACKINGS:
        yield mismatch(f"{place}packing", source.packing, f"one of {', '.join(PACKINGS)}")
    if source.packing != ZIP and len(source.members) > 1:
        yield mismatch(f"{place}members", len(source.members), f"one member, because packing is {source.packing!r}")
    if source.members and all(member.optional for member in source.members):
        yield mismatch(f"{place}members.optional", True, "at least one file that the archive must have")
    if source.licensed_url is not None and source.licensed_url.count(KEY_PLACEHOLDER) != 1:
        yield mismatch(f"{place}licensed_url", source.licensed_url, "an address with {key} in it once")
    if not 1 <= source.max_megabytes <= LARGEST_MEGABYTES:
        yield mismatch(f"{place}max_megabytes", source.max_megabytes, f"1 to {LARGEST_MEGABYTES}")
    if source.max_seconds < 1:
        yield mismatch(f"{place}max_seconds", source.max_seconds, "at least 1")
    if source.release_date:
        yield from _date_mistakes(f"{place}release_date", source.release_date)


def _date_mistakes(key: str, rule: ReleaseDate) -> Iterator[str]:
    try:
        groups = re.compile(rule.pattern).groups
    except re.error:
        groups = 0
    if groups != 1:
        yield mismatch(f"{key}.pattern", rule.pattern, "a regular expression with one group around the date")
    try:
        same = datetime.strptime(_SOME_DAY.strftime(rule.format), rule.format).date() == _SOME_DAY.date()  # noqa: DTZ007
    except ValueError:
        same = False
    if not same:
        yield mismatch(f"{key}.format", rule.format, "year, month and day, such as %m%d%Y")

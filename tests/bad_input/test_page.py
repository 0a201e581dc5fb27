"""The page is what the cases say, and the cases cover what can be raised."""

from __future__ import annotations

from collections import Counter

from tests.bad_input.archives import ARCHIVES
from tests.bad_input.case import BadInput
from tests.bad_input.configuration import DATASETS
from tests.bad_input.environments import ENVIRONMENTS, SOURCE_URLS
from tests.bad_input.files import FILES
from tests.bad_input.page import PAGE, page
from tests.bad_input.payloads import PAYLOADS
from tests.bad_input.several_sources import SECRETS, SEVERAL_SOURCES
from tests.bad_input.sources import SOURCES

SECTIONS: dict[str, tuple[BadInput, ...]] = {
    "source": SOURCES,
    "archive": ARCHIVES,
    "file": FILES,
    "payload": PAYLOADS,
    "dataset.json": (*DATASETS, *SEVERAL_SOURCES),
    "source_url": SOURCE_URLS,
    "environment": (*ENVIRONMENTS, *SECRETS),
}


OF_INPUT = {
    "SourceNotFoundError", "SourceForbiddenError", "SourceRejectedError", "SourceUnavailableError",
    "SlowDownloadError", "SourceTooLargeError",
    "TruncatedDownloadError", "DisallowedSourceError", "UnexpectedContentError", "EmptySourceError",
    "CorruptArchiveError", "HostileArchiveError", "MissingMemberError", "AmbiguousMemberError",
    "UndecodableMemberError", "EmptyMemberError", "SchemaDriftError", "QualityCheckFailedError",
    "InvalidInputError", "ConfigError",
}  # fmt: skip
"""Errors that bad input causes; the others tell of permissions, races or defects."""


def test_the_page_is_what_the_cases_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it again: python -m tests.bad_input.page"


def test_each_case_has_a_name_of_its_own() -> None:
    names = Counter(case.id for cases in SECTIONS.values() for case in cases)
    assert [name for name, times in names.items() if times > 1] == []


def test_each_error_of_bad_input_has_a_case() -> None:
    told = {case.error for cases in SECTIONS.values() for case in cases if case.error}
    assert told == OF_INPUT


def test_each_case_says_what_to_do_or_what_is_expected() -> None:
    silent = [
        case.id
        for section, cases in SECTIONS.items()
        for case in cases
        if not case.do and section not in {"dataset.json", "source_url", "environment"}
    ]
    assert silent == []

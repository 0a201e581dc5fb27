"""One bad input, what becomes of it, and what its user is told. The page ``docs/bad-input.md`` is made of these."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from _shared.contracts.errors import MedallionError
from _shared.contracts.release import PreviousVersion
from _shared.contracts.source import ZIP
from _shared.lambdas.libs.source.http.rules import SourceRules
from tests._shared.lambdas.support import RULES, Answer, Asked
from tests.outcomes import record_outcome

ANYTHING = "…"
LONGEST_MESSAGE = 1000
"""Characters: what fits a log line, an alert and the cause that Step Functions keeps."""

NO_ERROR = ""


@dataclass(frozen=True)
class BadInput:
    """A bad input.

    Parameters
    ----------
    id
        Short name; one case has one.
    what
        The input, in words.
    error
        Name of the error that ends the run; ``NO_ERROR`` where it goes on and counts.
    sees
        What the user is told: the message without its remedy, or what was counted. ``…`` stands for anything.
    do
        What the user can do: the message's remedy. Empty where the message says what is expected.
    """

    id: str
    what: str
    error: str
    sees: str
    do: str = ""


@dataclass(frozen=True)
class SourceCase(BadInput):
    """What a source's server answers.

    Parameters
    ----------
    answers
        From the server's address to what it answers.
    kept
        Whether what was fetched stays in raw: it does where the whole file has come.
    packing
        How the dataset says that the file is packed.
    max_seconds
        What the dataset gives the download.
    """

    answers: Callable[[str], Callable[[Asked], Answer]] = field(kw_only=True)
    kept: bool = field(default=False, kw_only=True)
    packing: str = field(default=ZIP, kw_only=True)
    max_seconds: int = field(default=600, kw_only=True)
    rules: SourceRules = field(default=RULES, kw_only=True)


@dataclass(frozen=True)
class FileCase(BadInput):
    """What is in the CSV file, and which job notices.

    Parameters
    ----------
    written
        Whether bronze notices only after it has written the rows, which nothing refers to then.
    """

    body: bytes = field(kw_only=True)
    job: str = field(default="bronze", kw_only=True)
    previous: PreviousVersion | None = field(default=None, kw_only=True)
    written: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class ConfigCase(BadInput):
    """The bytes of a configuration file."""

    body: bytes = field(kw_only=True)


@dataclass(frozen=True)
class PayloadCase(BadInput):
    """What a caller sends to the state machine, to the trigger, or to either."""

    payload: object = field(kw_only=True)
    to: tuple[str, ...] = field(default=("state machine", "trigger"), kw_only=True)


def matches(pattern: str, text: str) -> bool:
    """Whether a text is as the pattern says, in which ``…`` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANYTHING))), text, re.DOTALL) is not None


def check_error(case: BadInput, kind: str, call: Callable[[], object]) -> MedallionError:
    """Call what must fail, and compare the error with the case: name, message and remedy."""
    with pytest.raises(MedallionError) as raised:
        call()
    error = raised.value
    assert type(error).__name__ == case.error
    assert matches(case.sees, error.what), error.what
    assert matches(case.do, error.remedy), error.remedy
    assert len(str(error)) < LONGEST_MESSAGE
    record_outcome(f"bad input: {kind}", case.id, f"{type(error).__name__}: {case.sees}")
    return error


def check_counted(case: BadInput, kind: str, told: str) -> None:
    """Compare what a run counted with the case."""
    assert case.error == NO_ERROR
    assert matches(case.sees, told), told
    record_outcome(f"bad input: {kind}", case.id, told)

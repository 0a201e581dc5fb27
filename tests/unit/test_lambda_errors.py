"""Names of errors are what the state machine matches on."""

from __future__ import annotations

import inspect
import pickle

import pytest

from _shared.contracts.error_names import CRAWL_RUNNING_ERROR_NAME, TRANSIENT_ERROR_NAMES
from _shared.contracts.errors import MedallionError, TerminalError, TransientError
from _shared.lambdas.libs import errors

CLASSES = [
    member
    for _, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, MedallionError) and member.__module__ == errors.__name__
]


def test_the_retried_names_are_exactly_the_transient_errors() -> None:
    transient = {member.__name__ for member in CLASSES if issubclass(member, TransientError)}
    # The crawl has a retrier of its own.
    assert transient == {*TRANSIENT_ERROR_NAMES, CRAWL_RUNNING_ERROR_NAME}
    assert CRAWL_RUNNING_ERROR_NAME not in TRANSIENT_ERROR_NAMES
    assert list(TRANSIENT_ERROR_NAMES) == sorted(TRANSIENT_ERROR_NAMES)


@pytest.mark.parametrize("member", CLASSES, ids=lambda member: member.__name__)
def test_every_error_is_either_transient_or_terminal_and_told_in_a_sentence(member: type[MedallionError]) -> None:
    assert issubclass(member, TransientError) != issubclass(member, TerminalError)
    assert member.__name__.endswith("Error")
    assert (inspect.getdoc(member) or "").count(". ") == 0
    assert (inspect.getdoc(member) or "").endswith(".")


@pytest.mark.parametrize("member", CLASSES, ids=lambda member: member.__name__)
def test_every_error_survives_pickling(member: type[MedallionError]) -> None:
    copy = pickle.loads(pickle.dumps(member("the file is gone", "look for it")))  # noqa: S301  # our own bytes
    assert type(copy) is member
    assert str(copy) == "the file is gone; look for it"

"""Names of errors are what the state machine matches on."""

from __future__ import annotations

import inspect
import pickle

import pytest

from _shared.contracts import errors
from _shared.contracts.errors import MedallionError, TerminalError, TransientError

CLASSES = [
    member
    for _, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, TransientError | TerminalError) and member.__module__ == errors.__name__
]


def test_the_retried_names_are_those_of_every_transient_error() -> None:
    transient = {member.__name__ for member in CLASSES if issubclass(member, TransientError)}
    retried = errors.transient_error_names()
    assert set(retried) == transient - {"TransientError"}
    assert "ManifestConflictError" in retried
    assert list(retried) == sorted(retried)


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

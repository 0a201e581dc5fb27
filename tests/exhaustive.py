"""The option ``--exhaustive``: tests that otherwise take a sample of their cases take all of them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

_UNDER_TEST = Path(__file__).parent.parent / "_shared"
_EXAMPLES = 1000
_OPTION = "--exhaustive"
_chosen: list[bool] = [False]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(_OPTION, action="store_true", help="take all cases where tests take a sample")


def pytest_configure(config: pytest.Config) -> None:
    """Remember the option, and let property tests try more examples with it."""
    _chosen[0] = bool(config.getoption(_OPTION))
    if _chosen[0]:
        settings.register_profile("exhaustive", max_examples=_EXAMPLES, deadline=None)
        settings.load_profile("exhaustive")


def sides(position: int) -> tuple[bool, ...]:
    """Tell whether to fail before (False) or after (True) the call at a position.

    Both with the option. Otherwise one, which alternates from call to call, and begins with another one when the code
    under test changes.
    """
    return (False, True) if _chosen[0] else ((position + _seed()) % 2 == 1,)


def some_of(cases: tuple[str, ...]) -> tuple[str, ...]:
    """Return all cases with the option; otherwise one, another one when the code under test changes."""
    return cases if _chosen[0] else (cases[_seed() % len(cases)],)


@cache
def _seed() -> int:
    digest = hashlib.sha256()
    for path in sorted(_UNDER_TEST.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()[0]

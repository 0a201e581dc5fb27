"""Tables of what the tests saw: which case ended how. Printed at the end of a run, whatever its verbosity."""

from __future__ import annotations

import shutil
import textwrap
from typing import Any

import pytest

_outcomes: dict[str, dict[str, str]] = {}
_NARROWEST_OUTCOME = 40


def record_outcome(kind: str, name: str, outcome: str) -> None:
    """Add a line to a table.

    Parameters
    ----------
    kind
        The table's heading, for example ``bad input: the source``.
    name
        The case.
    outcome
        How it ended, as seen and not as expected.
    """
    _outcomes.setdefault(kind, {})[name] = outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the tables of one of several processes to the first."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["outcomes"] = _outcomes


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the tables of another process."""
    for kind, lines in getattr(node, "workeroutput", {}).get("outcomes", {}).items():
        _outcomes.setdefault(kind, {}).update(lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every table that a test of this run has written to."""
    width = max(shutil.get_terminal_size().columns, 100)
    for kind, lines in _outcomes.items():
        terminalreporter.write_sep("-", f"{kind} ({len(lines)})")
        longest = max(map(len, lines))
        room = max(width - longest - 2, _NARROWEST_OUTCOME)
        for name, outcome in lines.items():
            first, *rest = textwrap.wrap(outcome, room) or [""]
            terminalreporter.write_line(f"{name:<{longest}}  {first}")
            for line in rest:
                terminalreporter.write_line(f"{'':<{longest}}  {line}")

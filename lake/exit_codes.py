"""Exit statuses of ``lake``."""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2
UNAVAILABLE = 3
INTERRUPTED = 130
"""128 plus the number of SIGINT, as in shells."""

PIPE_CLOSED = 141
"""128 plus the number of SIGPIPE, as in shells."""

MEANINGS = {
    OK: "done; a run that was skipped because nothing changed is done, too",
    FAILED: "a run, a query or a deployment failed, an alarm went off, or lake doctor found something missing",
    USAGE: "a mistake in the command: an unknown option, dataset, environment, run or file",
    UNAVAILABLE: "the target cannot be reached, or what the command needs is not deployed there",
    INTERRUPTED: "interrupted with Ctrl-C",
    PIPE_CLOSED: "the reader of the output went away, as in: lake query ... | head",
}


def summary() -> str:
    """Return the section on the exit status for the help of all commands."""
    return "Exit status: " + "; ".join(f"{code} {meaning.split(';')[0]}" for code, meaning in MEANINGS.items()) + "."

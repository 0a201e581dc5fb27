"""Where a command's words go: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

PIPE_WIDTH = 240
"""Columns where the output is no terminal: wide enough that no address is cut."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command end as every command does whose reader went away."""
        raise BrokenPipeError


def _console(*, to_stderr: bool) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    is_terminal = stream.isatty()
    return _Console(
        stderr=to_stderr,
        width=None if is_terminal else PIPE_WIDTH,
        highlight=False,
        soft_wrap=False,
        emoji=False,
        # FORCE_COLOR asks for colours, not for lines that are drawn again and again into a log.
        force_interactive=is_terminal and os.environ.get("TERM") not in {"dumb", "unknown"},
    )


@dataclass(frozen=True)
class Output:
    """The two streams of a command.

    Parameters
    ----------
    as_json
        Whether the result is to be JSON, for scripts: then nothing else goes to standard output, and
        nothing but a moving progress line for the person at a terminal goes to standard error.
    """

    as_json: bool = False
    result: Console = field(default_factory=lambda: _console(to_stderr=False))
    progress: Console = field(default_factory=lambda: _console(to_stderr=True))

    def note(self, text: str) -> None:
        """Say something that is not the result, to people. Markup is read."""
        if not self.as_json:
            self.progress.print(text)

    def document(self, value: object) -> None:
        """Print the result as JSON."""
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n")
        sys.stdout.flush()

    def error(self, name: str, what: str, remedy: str) -> None:
        """Say why the command did not do what it was asked to, and what to do about it."""
        if self.as_json:
            self.document({"error": name, "what": what, "remedy": remedy})
            return
        word = "interrupted" if name == "InterruptedByUserError" else "error"
        self.note(f"[bold red]{word}:[/bold red] {escape(what)}")
        if remedy:
            self.note(f"[bold]  what to do:[/bold] {escape(remedy)}")

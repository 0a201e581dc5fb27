"""Where a command's words go: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

from rich.console import Console

PIPE_WIDTH = 240
"""Columns where the output is no terminal: wide enough that no address is cut."""


def _console(*, to_stderr: bool) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(stderr=to_stderr, width=width, highlight=False, soft_wrap=False, emoji=False)


@dataclass(frozen=True)
class Output:
    """The two streams of a command.

    Parameters
    ----------
    as_json
        Whether the result is to be JSON, for scripts: then nothing else goes to standard output.
    """

    as_json: bool = False
    result: Console = field(default_factory=lambda: _console(to_stderr=False))
    progress: Console = field(default_factory=lambda: _console(to_stderr=True))

    def note(self, text: str) -> None:
        """Say something that is not the result. Markup is read."""
        self.progress.print(text)

    def document(self, value: object) -> None:
        """Print the result as JSON."""
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

"""Where a command's words go: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from lake.render import joined, styled
from lake.terminal import indented, printable

PIPE_WIDTH = 240
"""Columns where the output is no terminal: wide enough that no address is cut."""


class _Console(Console):
    """Prints text as it is, never as markup, and spells out what a terminal would obey.

    Both hold for every command, whatever it prints: style is given by :func:`lake.render.styled`.
    """

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - as Rich declares them
        """Take every plain text, before its width is measured."""
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Take all that is drawn; Rich's own control codes are marked as such."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))

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
        markup=False,
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

    def note(self, text: str | Text) -> None:
        """Say something that is not the result, to people."""
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
        self.note(joined(styled(f"{word}:", "bold red"), f" {indented(what, 2)}"))
        if remedy:
            self.note(joined(styled("  what to do:", "bold"), f" {indented(remedy, 2)}"))

    def stack_trace(self, error: BaseException) -> None:
        """Show where a mistake of the program is."""
        self.progress.print("".join(traceback.format_exception(error)), soft_wrap=True)

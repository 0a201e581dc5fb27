"""The output of a command: results to standard output, everything else to standard error."""

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

from lake.ui.render import joined, styled
from lake.ui.terminal import indented, printable

PIPE_WIDTH = 240
"""Width if the output is not a terminal: wide enough for every address."""


class _Console(Console):
    """Prints text without markup, and escapes terminal control characters.

    This applies to all output of all commands. Styles come from :func:`lake.ui.render.styled` only.
    """

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - as Rich declares them
        """Escape plain text before Rich measures its width."""
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Escape all rendered text, except Rich's own control codes."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))

    def on_broken_pipe(self) -> None:
        """Raise, so that the command ends with the status for a closed pipe."""
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
        # FORCE_COLOR must only enable colours, not redraw progress lines in a log.
        force_interactive=is_terminal and os.environ.get("TERM") not in {"dumb", "unknown"},
    )


@dataclass(frozen=True)
class Output:
    """The two streams of a command.

    Parameters
    ----------
    as_json
        Whether the result is JSON, for scripts. Then standard output has nothing else, and standard error has only a
        moving progress line, on a terminal.
    """

    as_json: bool = False
    result: Console = field(default_factory=lambda: _console(to_stderr=False))
    progress: Console = field(default_factory=lambda: _console(to_stderr=True))

    def note(self, text: str | Text) -> None:
        """Print a message for people that is not part of the result."""
        if not self.as_json:
            self.progress.print(text)

    def document(self, value: object) -> None:
        """Print the result as JSON."""
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n")
        sys.stdout.flush()

    def error(self, name: str, what: str, remedy: str) -> None:
        """Print why the command failed, and the remedy."""
        if self.as_json:
            self.document({"error": name, "what": what, "remedy": remedy})
            return
        word = "interrupted" if name == "InterruptedByUserError" else "error"
        self.note(joined(styled(f"{word}:", "bold red"), f" {indented(what, 2)}"))
        if remedy:
            self.note(joined(styled("  what to do:", "bold"), f" {indented(remedy, 2)}"))

    def stack_trace(self, error: BaseException) -> None:
        """Print the stack trace of an error."""
        self.progress.print("".join(traceback.format_exception(error)), soft_wrap=True)

"""The Typer group of all commands: usage errors and the end of the process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup
from typer.exceptions import TyperException

from lake import exit_codes
from lake.errors import UserMistakeError
from lake.ui import completion
from lake.ui.output import Output


class LakeGroup(TyperGroup):
    """Reports usage errors like all other errors: as a sentence, or as JSON."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - as Typer declares it
        windows_expand_args: bool = True,  # noqa: ARG002 - as Typer declares it
        **extra: Any,  # noqa: ANN401 - as Typer declares it
    ) -> Any:  # noqa: ANN401 - as Typer declares it
        """Run the command line and end the process with its exit status."""
        arguments = list(sys.argv[1:] if args is None else args) or ["--help"]
        output = Output(as_json=asks_for_json(arguments))
        try:
            check_encoding(arguments)
            if completion.answer(arguments):
                sys.exit(exit_codes.OK)
            code = super().main(arguments, prog_name or "lake", complete_var, standalone_mode=False, **extra)
        except UserMistakeError as error:
            output.error(type(error).__name__, error.what, error.remedy)
            sys.exit(exit_codes.USAGE)
        except TyperException as error:
            output.error(UserMistakeError.__name__, error.format_message().strip(), f"see {_help_command(error)}")
            sys.exit(exit_codes.USAGE)
        sys.exit(code if isinstance(code, int) else exit_codes.OK)


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Return whether a command line, valid or not, has ``--json``."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def check_encoding(arguments: Sequence[str]) -> None:
    """Check that the arguments are valid text.

    Raises
    ------
    UserMistakeError
        An argument has bytes that are not UTF-8.
    """
    for argument in arguments:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError as error:
            shown = argument.encode("utf-8", "backslashreplace").decode()
            msg = f"the argument {shown} is not UTF-8"
            raise UserMistakeError(msg, "write it in UTF-8") from error


def _help_command(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'lake'} --help"

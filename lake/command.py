"""What all commands share: their common options, and how they end."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Annotated, Any, Concatenate

import typer
from rich.markup import escape

from _shared.contracts.errors import MedallionError
from config.errors import ConfigError
from lake import exit_codes
from lake.aws.connection import AWS_ERRORS, as_lake_error
from lake.context import Context, open_context
from lake.errors import LakeError
from lake.output import Output
from lake.project import log_file, shown
from lake.targets import TargetChoice

_PANEL = "Common options"
_TARGET = Annotated[
    str,
    typer.Option(
        help="Where to work: auto (the endpoint in AWS_ENDPOINT_URL, else the local cloud if it is up, else AWS), "
        "local or aws.",
        metavar="|".join(TargetChoice),
        rich_help_panel=_PANEL,
    ),
]
_ENV = Annotated[
    str | None,
    typer.Option(
        help="Configuration in config/<NAME>.json. Default: local for the local cloud, dev for AWS.",
        metavar="NAME",
        rich_help_panel=_PANEL,
    ),
]
_JSON = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.", rich_help_panel=_PANEL)]
_DEBUG = Annotated[
    bool, typer.Option("--debug", help="Show the stack trace of an error.", envvar="LAKE_DEBUG", rich_help_panel=_PANEL)
]


def local_command(function: Callable[Concatenate[Output, ...], None]) -> Callable[..., None]:
    """Make a command of a function that needs no cloud: adds ``--json`` and ``--debug``."""

    def command(*, as_json: bool, debug: bool, **arguments: Any) -> None:  # noqa: ANN401 - as the function declares
        output = Output(as_json=as_json)
        _run(lambda: function(output, **arguments), output, debug=debug)

    return _with_options(command, function, {"as_json": (_JSON, False), "debug": (_DEBUG, False)})


def cloud_command(function: Callable[Concatenate[Context, ...], None]) -> Callable[..., None]:
    """Make a command of a function that talks to a cloud: adds ``--target``, ``--env``, ``--json`` and ``--debug``."""

    def command(*, target: str, env: str | None, as_json: bool, debug: bool, **arguments: Any) -> None:  # noqa: ANN401
        output = Output(as_json=as_json)
        _run(lambda: function(open_context(output, target, env), **arguments), output, debug=debug)

    shared: dict[str, tuple[object, object]] = {
        "target": (_TARGET, TargetChoice.AUTO.value),
        "env": (_ENV, None),
        "as_json": (_JSON, False),
        "debug": (_DEBUG, False),
    }
    return _with_options(command, function, shared)


def _with_options(
    command: Callable[..., None], function: Callable[..., None], shared: dict[str, tuple[object, object]]
) -> Callable[..., None]:
    # Typer reads a command's options from its signature: ours is the function's own, less the first
    # parameter, which we supply, plus the shared options.
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in shared.items()
    ]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + added
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__dict__["__signature__"] = inspect.Signature(parameters)
    return command


def _run(action: Callable[[], None], output: Output, *, debug: bool) -> None:
    try:
        action()
    except typer.Exit:
        raise
    except KeyboardInterrupt as error:
        output.note("interrupted")
        raise typer.Exit(exit_codes.INTERRUPTED) from error
    except Exception as error:
        if debug:
            raise
        raise typer.Exit(_tell(error, output)) from error


def _tell(error: Exception, output: Output) -> int:
    known = as_lake_error(error) if isinstance(error, AWS_ERRORS) else error
    if not isinstance(known, MedallionError):
        return _tell_unexpected(known, output)
    if output.as_json:
        document = {"name": type(known).__name__, "what": known.what, "remedy": known.remedy}
        output.document({"error": document})
    else:
        output.note(f"[bold red]error:[/bold red] {escape(known.what)}")
        if known.remedy:
            output.note(f"[bold]  what to do:[/bold] {escape(known.remedy)}")
    return _exit_code(known)


def _exit_code(error: MedallionError) -> int:
    if isinstance(error, LakeError):
        return error.exit_code
    return exit_codes.USAGE if isinstance(error, ConfigError) else exit_codes.FAILED


def _tell_unexpected(error: Exception, output: Output) -> int:
    path = log_file("lake.log")
    logger = logging.getLogger("lake")
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    try:
        logger.error("unexpected error", exc_info=error)
    finally:
        logger.removeHandler(handler)
        handler.close()
    output.note(f"[bold red]unexpected error:[/bold red] {type(error).__name__}: {escape(str(error))}")
    output.note(f"  the stack trace is in {escape(shown(path))}; to see it here, add --debug")
    return exit_codes.FAILED

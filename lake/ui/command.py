"""Decorators that add the common options to commands."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Concatenate

import typer

from lake.context import Context, open_context
from lake.targets import TargetChoice
from lake.ui import completion
from lake.ui.endings import run_to_its_end
from lake.ui.output import Output

_PANEL = "Common options"
_TARGET = Annotated[
    str,
    typer.Option(
        help="Where to work: auto (the endpoint in AWS_ENDPOINT_URL, else the local cloud if it is up, else AWS), "
        "local or aws.",
        metavar="|".join(TargetChoice),
        autocompletion=completion.targets,
        rich_help_panel=_PANEL,
    ),
]
_ENV = Annotated[
    str | None,
    typer.Option(
        help="Configuration in config/<NAME>.json. Default: local for the local cloud, dev for AWS.",
        metavar="NAME",
        autocompletion=completion.environments,
        rich_help_panel=_PANEL,
    ),
]
_JSON = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.", rich_help_panel=_PANEL)]
_DEBUG = Annotated[
    bool, typer.Option("--debug", help="Show the stack trace of an error.", envvar="LAKE_DEBUG", rich_help_panel=_PANEL)
]

DatasetName = Annotated[
    str,
    typer.Argument(metavar="DATASET", help="Which dataset, for example nsde.", autocompletion=completion.datasets),
]
"""Argument with the dataset of a command."""


def local_command(function: Callable[Concatenate[Output, ...], None]) -> Callable[..., None]:
    """Convert a function to a command without a target: adds ``--json`` and ``--debug``."""

    def command(*, as_json: bool, debug: bool, **arguments: Any) -> None:  # noqa: ANN401 - as the function declares
        output = Output(as_json=as_json)
        run_to_its_end(lambda: function(output, **arguments), output, debug=debug)

    return _with_options(command, function, {"as_json": (_JSON, False), "debug": (_DEBUG, False)})


def cloud_command(function: Callable[Concatenate[Context, ...], None]) -> Callable[..., None]:
    """Convert a function to a command with a target: adds ``--target``, ``--env``, ``--json`` and ``--debug``."""

    def command(*, target: str, env: str | None, as_json: bool, debug: bool, **arguments: Any) -> None:  # noqa: ANN401
        output = Output(as_json=as_json)
        run_to_its_end(lambda: function(open_context(output, target, env), **arguments), output, debug=debug)

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
    # Typer reads a command's options from its signature. We build one from the function's signature: without its first
    # parameter, which this module passes, and with the shared options.
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

"""The kinds of pipeline, one module each. ``pipeline`` in a dataset's configuration names the module.

Each module has a function ``assemble``. It takes the dataset's functions, adds the steps to the stack and returns the
state machine's definition.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from _shared.contracts.errors import TerminalError
from stacks.constructs.functions import Functions
from stacks.constructs.state_machine import Definition


class UnknownPipelineError(TerminalError):
    """A dataset's configuration names an unknown kind of pipeline."""


def kinds() -> list[str]:
    """Return the names of the kinds."""
    return sorted(module.name for module in iter_modules(__path__))


def assembler(kind: str) -> Callable[[Functions], Definition]:
    """Return the ``assemble`` function of a kind.

    Raises
    ------
    UnknownPipelineError
        The kind does not exist.
    """
    if kind not in kinds():
        msg = f"there is no kind of pipeline {kind!r}"
        raise UnknownPipelineError(msg, f"choose one of {', '.join(kinds())}")
    assemble: Callable[[Functions], Definition] = import_module(f"{__name__}.{kind}").assemble
    return assemble

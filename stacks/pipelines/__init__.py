"""The kinds of pipeline, a module each: ``pipeline`` in a dataset's configuration names one.

A module has ``assemble``: given the dataset's functions, it adds its steps to the stack and returns the state machine's
definition.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from _shared.contracts.errors import TerminalError
from stacks.constructs.functions import Functions
from stacks.constructs.state_machine import Definition


class UnknownPipelineError(TerminalError):
    """A dataset's configuration names a kind of pipeline that there is not."""


def kinds() -> list[str]:
    """Names of the kinds that there are."""
    return sorted(module.name for module in iter_modules(__path__))


def assembler(kind: str) -> Callable[[Functions], Definition]:
    """Return what assembles pipelines of a kind.

    Raises
    ------
    UnknownPipelineError
        There is no such kind.
    """
    if kind not in kinds():
        msg = f"there is no kind of pipeline {kind!r}"
        raise UnknownPipelineError(msg, f"choose one of {', '.join(kinds())}")
    assemble: Callable[[Functions], Definition] = import_module(f"{__name__}.{kind}").assemble
    return assemble

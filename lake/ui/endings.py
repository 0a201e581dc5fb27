"""The end of a command: its error message and its exit status."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable

import typer

from _shared.contracts.errors import MedallionError
from config.errors import ConfigError
from lake import exit_codes
from lake.aws.connection import AWS_ERRORS, as_lake_error
from lake.errors import InterruptedByUserError, LakeError, MachineError, UnexpectedError
from lake.project import log_file, shown
from lake.ui.output import Output

_FULL = {errno.ENOSPC, errno.EDQUOT}


def run_to_its_end(action: Callable[[], None], output: Output, *, debug: bool) -> None:
    """Run a command. Print an error as a sentence, and exit with the error's status.

    Raises
    ------
    typer.Exit
        The command failed.
    """
    try:
        action()
        sys.stdout.flush()
    except typer.Exit:
        raise
    except BrokenPipeError as error:
        _silence_standard_output()
        raise typer.Exit(exit_codes.PIPE_CLOSED) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(_tell(InterruptedByUserError("before it was done", "run it again"), output)) from error
    except Exception as error:
        if debug:
            output.stack_trace(error)
        raise typer.Exit(_tell(error, output)) from error


def _silence_standard_output() -> None:
    # At exit, Python flushes stdout again. With the closed pipe it would print a stack trace.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: Exception, output: Output) -> int:
    known = _as_known(error)
    output.error(type(known).__name__, known.what, known.remedy)
    if isinstance(known, LakeError):
        return known.exit_code
    return exit_codes.USAGE if isinstance(known, ConfigError) else exit_codes.FAILED


def _as_known(error: Exception) -> MedallionError:
    if isinstance(error, MedallionError):
        return error
    if isinstance(error, AWS_ERRORS):
        return as_lake_error(error)
    if isinstance(error, OSError) and error.filename is not None:
        return _machine_error(error)
    return _unexpected(error)


def _machine_error(error: OSError) -> MachineError:
    remedy = "make room on the disk" if error.errno in _FULL else "check that path and its permissions"
    return MachineError(f"{error.strerror}: {error.filename}", remedy)


def _unexpected(error: Exception) -> UnexpectedError:
    what = f"unexpected {type(error).__name__}: {error}"
    try:
        path = log_file("lake.log")
        _write_trace(error, str(path))
    except OSError:
        return UnexpectedError(what, "to see the stack trace, add --debug")
    return UnexpectedError(what, f"the stack trace is in {shown(path)}; to see it here, add --debug")


def _write_trace(error: Exception, path: str) -> None:
    logger = logging.getLogger("lake")
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    try:
        logger.error("unexpected error", exc_info=error)
    finally:
        logger.removeHandler(handler)
        handler.close()

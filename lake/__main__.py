"""``python -m lake``."""

from __future__ import annotations

import sys

_PYTHON = (3, 11)


_INTERRUPTED = 130


def main() -> None:
    """Run the command line. If a package is missing, print which one."""
    if sys.version_info[:2] != _PYTHON:
        sys.exit("error: lake needs Python 3.11, the version of AWS Glue 5.1\n  what to do: run it as .venv/bin/lake")
    try:
        from lake.app import app  # noqa: PLC0415 - one of its imports may be missing

        app(prog_name="lake")
    except ModuleNotFoundError as error:
        sys.exit(f"error: the Python package {error.name} is not installed\n  what to do: make install")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()

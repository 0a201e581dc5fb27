"""The table in ``docs/defects.md``. ``python -m tests.defects.page`` writes it anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.jobs import start_spark
from lake.project import project_root
from tests.defects.outcomes import outcome, publish_the_day_before
from tests.defects.releases import DEFECTS

PAGE = project_root() / "docs" / "defects.md"
HEAD = """| defect | the run | exit status | metrics | alarms | notice | what the report says |
|---|---|--:|---|---|---|---|
"""


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return the table of outcomes."""
    return HEAD + "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def main() -> None:
    """Run every defect, and replace the table on the page."""
    spark = start_spark()
    with tempfile.TemporaryDirectory() as folder:
        previous = publish_the_day_before(spark, Path(folder))
        rows = [outcome(spark, Path(folder), defect, previous) for defect in DEFECTS]
    before = PAGE.read_text("utf-8").partition("| defect |")[0]
    PAGE.write_text(before + table(rows), "utf-8")


if __name__ == "__main__":
    main()

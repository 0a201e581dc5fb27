"""The carriage return at the end of a line is removed, and nothing else."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from _shared.glue_lib.bronze.stitching import without_line_end

LINES = {
    "": "",
    "\r": "",
    "\r\r": "\r",
    "a\r": "a",
    "a\rb": "a\rb",
    "a\r ": "a\r ",
    "µg é\r": "µg é",
    "日本\U0001f48a\r": "日本\U0001f48a",
    "é": "é",
}


@pytest.mark.parametrize("line", LINES, ids=ascii)
def test_only_the_last_carriage_return_is_removed(spark: SparkSession, line: str) -> None:
    (row,) = spark.createDataFrame([(line,)], "line string").select(without_line_end(F.col("line"))).collect()

    assert row[0] == LINES[line]

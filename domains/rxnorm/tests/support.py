"""Bronze frames of RxNorm's files, and the silver job's processing of them, without a lake."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.glue_lib.lineage import ROW_POSITION, VERSION
from config.datasets import load_dataset
from domains.rxnorm.transforms import TRANSFORMS

DATA = Path(__file__).parent / "lines"
CONFIG = json.loads((DATA.parents[1] / "config/dataset.json").read_text("utf-8"))
MEMBERS = {member["table"]: member for source in CONFIG["sources"] for member in source["members"]}
TABLES = {table.name: table for table in load_dataset("rxnorm").silver_tables}


@dataclass(frozen=True)
class Made:
    """Rows of a silver table, and the counts by outcome of its source rows."""

    rows: list[dict[str, Any]]
    reasons: dict[str, int]
    expected: int
    dtypes: list[tuple[str, str]]


def lines_of(name: str) -> list[str]:
    return (DATA / name).read_text("utf-8").splitlines()


def bronze(spark: SparkSession, table: str, lines: Sequence[str]) -> DataFrame:
    names = [column["name"] for column in MEMBERS[table]["columns"]]
    rows = []
    for position, line in enumerate(lines):
        *fields, end = line.split("|")
        assert (len(fields), end) == (len(names), ""), line
        rows.append([field or None for field in fields] + [position])
    frame = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in names) + f", {ROW_POSITION} bigint")
    return frame.withColumn(VERSION, F.lit("2026-09-08"))


def make(spark: SparkSession, table: str, **members: Sequence[str]) -> Made:
    """Build a silver table from lines of the members."""
    (transform,) = [transform for transform in TRANSFORMS if transform.table == table]
    frames = {name: bronze(spark, name, lines) for name, lines in members.items()}
    (source,) = transform.sources
    reason = F.coalesce(transform.rejection(), transform.left_out())
    judged = frames[source].withColumn("reason", reason).cache()
    kept = judged.filter("reason IS NULL").drop("reason")
    made = transform.transform(kept, *[frames.get(name) for name in transform.lookups])
    (expected,) = kept.agg(transform.expected()).first() or (0,)
    reasons = Counter(row["reason"] for row in judged.select("reason").collect() if row["reason"])
    rows = [row.asDict() for row in made.orderBy(ROW_POSITION).collect()]
    return Made(rows, dict(reasons), expected, made.dtypes)

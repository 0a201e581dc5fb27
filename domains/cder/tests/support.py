"""Frames with the structure of CDER's bronze tables: unchanged rows of FDA's files, and rows built by tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.lineage import LINEAGE, PREFIX
from _shared.glue_lib.lineage import ROW_POSITION, SOURCE_TABLE, VERSION
from _shared.glue_lib.silver.transform import SilverTransform
from config.datasets import load_dataset
from domains.cder.transforms import TRANSFORMS

FOLDER = Path(__file__).parent / "rows"
CONFIG = json.loads((FOLDER.parents[1] / "config/dataset.json").read_text("utf-8"))
MEMBERS = {member["table"]: member for source in CONFIG["sources"] for member in source["members"]}
TABLES = {table.name: table for table in load_dataset("cder").silver_tables}
REAL = ("cder_product", "cder_package", "cder_unfinished_product", "cder_unfinished_package")
BY_TABLE = {transform.table: transform for transform in TRANSFORMS}

Fields = Mapping[str, str | None]


def real_rows(table: str) -> list[Fields]:
    """Rows of a real file as bronze rows: text by column name, null if empty."""
    text = (FOLDER / MEMBERS[table]["pattern"]).read_bytes().decode("cp1252")
    header, *lines = text.removesuffix("\r\n").split("\r\n")
    names = {column["header"]: column["name"] for column in MEMBERS[table]["columns"]}
    columns = [names[text] for text in header.split("\t")]
    return [
        {name: field or None for name, field in zip(columns, line.split("\t"), strict=True)} for line in lines if line
    ]


def bronze(spark: SparkSession, rows: Mapping[str, Iterable[Fields]]) -> DataFrame:
    """Union of bronze tables with the position of each row; missing columns are null."""
    names = {column["name"]: None for table in rows for column in MEMBERS[table]["columns"]}
    schema = ", ".join(f"{name} string" for name in [*names, SOURCE_TABLE])
    data = [
        [*[fields.get(name) for name in names], table, position]
        for table, given in rows.items()
        for position, fields in enumerate(given, 1)
    ]
    frame = spark.createDataFrame(data, f"{schema}, {ROW_POSITION} bigint")
    return frame.withColumn(VERSION, F.lit("2019-04-29"))


def kept(rows: DataFrame, transform: SilverTransform) -> DataFrame:
    """Rows that are neither quarantined nor left out."""
    return rows.filter(transform.rejection().isNull() & transform.left_out().isNull())


def silver(spark: SparkSession, table: str, rows: Mapping[str, Iterable[Fields]]) -> list[Row]:
    """Output rows of a table's transform, after a check of their number."""
    transform = BY_TABLE[table]
    frame = kept(bronze(spark, rows), transform)
    made = transform.transform(frame).collect()
    (expected,) = frame.agg(transform.expected()).collect()
    assert len(made) == expected[0]
    return sorted(made, key=lambda row: (row["directory"], row["meta_row_position"]))


def real_silver(spark: SparkSession, table: str) -> list[Row]:
    """Silver rows of a table, from all real rows of its sources."""
    return silver(spark, table, {name: real_rows(name) for name in BY_TABLE[table].sources if name in REAL})


def of(rows: Iterable[Row], **values: Any) -> list[Row]:
    """Rows with these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def declared(table: str) -> dict[str, str]:
    """Columns of a silver table with their types, without lineage columns."""
    return {column.name: column.type for column in TABLES[table].columns if column not in LINEAGE}


def made_columns(frame: DataFrame) -> dict[str, str]:
    """Output columns of a transform, without the carried columns."""
    return {name: kind for name, kind in frame.dtypes if not name.startswith(PREFIX)}

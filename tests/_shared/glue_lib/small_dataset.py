"""A dataset of three columns, for what all datasets have in common."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession

from _shared.contracts.dataset import DatasetConfig
from _shared.glue_lib.silver.transform import SilverTransform
from config.release.document import resolved
from config.release.table_files import as_table

HEADER = b"A,B,C\r\n"

COLUMNS = [
    {"name": "a", "type": "string", "comment": "a"},
    {"name": "b", "type": "bigint", "comment": "b"},
]


MEMBER = {
    "table": "small",
    "pattern": "*.csv",
    "columns": [{"name": name.lower(), "header": name} for name in ("A", "B", "C")],
}


def small_config(quote: str = '"', delimiter: str = ",", **quality: Any) -> DatasetConfig:
    return with_members({"parse": {"delimiter": delimiter, "quote": quote}}, **quality)


def with_members(*members: dict[str, Any], **quality: Any) -> DatasetConfig:
    """Give a dataset of members that differ from the usual one in what is told of them."""
    document = {
        "dataset": "small",
        "source_url": "https://example.org/small.zip",
        "members": [{**MEMBER, **member} for member in members],
        "data_quality": {
            "required_columns": ["b"],
            "critical_null_threshold": 0.5,
            "max_quarantined_share": 0.6,
            **quality,
        },
    }
    table = as_table({"description": "d", "grain": ["a"], "columns": COLUMNS}, "small", "small.json")
    return resolved(document, [table], "small")


def typed(bronze: DataFrame) -> DataFrame:
    return bronze.selectExpr("trim(a) AS a", "try_cast(b AS bigint) AS b", "meta_row_position")


TRANSFORM = SilverTransform("small", ("small",), typed)


def rows(spark: SparkSession, location: str, *names: str) -> list[tuple[Any, ...]]:
    frame = spark.read.parquet(location)
    order = "meta_row_position"
    return [tuple(row) for row in frame.orderBy(order).select(*names).collect()]

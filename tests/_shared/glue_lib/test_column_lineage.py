"""Sources of columns, read off Spark's plan of a table, for each way in which a transform makes a column."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from _shared.glue_lib import column_lineage
from _shared.glue_lib.column_lineage import UnknownPlanError, column_sources, trace
from config.datasets import dataset_names, load_dataset

Make = Callable[[DataFrame, DataFrame], DataFrame]

CASES: dict[str, tuple[Make, dict[str, tuple[str, ...]]]] = {
    "copied, renamed and computed": (
        lambda one, _: one.select("a", F.col("b").alias("c"), F.concat("a", F.upper("b")).alias("d")),
        {"a": ("one.a",), "c": ("one.b",), "d": ("one.a", "one.b")},
    ),
    "in several steps": (
        lambda one, _: one.withColumn("c", F.trim("a")).withColumn("d", F.length("c")).select("d"),
        {"d": ("one.a",)},
    ),
    "constant": (lambda one, _: one.select("a", F.lit(1).alias("c")), {"a": ("one.a",), "c": ()}),
    "chosen by a condition": (
        lambda one, _: one.select(F.when(F.col("a") == "x", F.col("b")).alias("c")),
        {"c": ("one.a", "one.b")},
    ),
    "filtered": (lambda one, _: one.filter("a = 'x'").select("b"), {"b": ("one.b",)}),
    "joined": (
        lambda one, two: one.join(F.broadcast(two), "a", "left").select(one["a"], two["b"].alias("c")),
        {"a": ("one.a",), "c": ("two.b",)},
    ),
    "joined with itself": (
        lambda one, _: one.alias("x").join(one.alias("y"), F.col("x.a") == F.col("y.b")).select("x.a", "y.b"),
        {"a": ("one.a",), "b": ("one.b",)},
    ),
    "kept by a semi-join": (lambda one, two: one.join(two, "a", "left_semi"), {"a": ("one.a",), "b": ("one.b",)}),
    "of a union": (
        lambda one, two: one.unionByName(two.select("b", F.lit(None).cast("string").alias("a"))),
        {"a": ("one.a",), "b": ("one.b", "two.b")},
    ),
    "counted and grouped": (
        lambda one, _: one.groupBy("a").agg(F.max("b").alias("c"), F.count("*").alias("n")),
        {"a": ("one.a",), "c": ("one.b",), "n": ()},
    ),
    "ranked": (
        lambda one, _: one.withColumn("c", F.row_number().over(Window.partitionBy("a").orderBy("b"))),
        {"a": ("one.a",), "b": ("one.b",), "c": ("one.a", "one.b")},
    ),
    "exploded": (
        lambda one, _: one.select("a", F.explode(F.split("b", ";")).alias("c")),
        {"a": ("one.a",), "c": ("one.b",)},
    ),
    "a field of a structure": (
        lambda one, _: one.select(F.struct("a", F.lower("b").alias("x")).alias("s")).select(F.col("s.x").alias("c")),
        {"c": ("one.a", "one.b")},
    ),
    "without lineage columns": (
        lambda one, _: one.select("a", F.lit("1").alias("meta_version")),
        {"a": ("one.a",)},
    ),
}


@pytest.fixture(scope="module", name="bronze")
def fixture_bronze(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFrame, DataFrame]:
    folder = tmp_path_factory.mktemp("bronze")
    return saved(spark, folder, "one", ["a", "b"]), saved(spark, folder, "two", ["a", "b"])


def saved(spark: SparkSession, folder: Path, table: str, columns: list[str]) -> DataFrame:
    """Return an empty bronze table. Its path ends with its name."""
    schema = ", ".join(f"`{name}` string" for name in columns)
    place = str(folder / table)
    spark.createDataFrame([], schema).write.parquet(place)
    return spark.read.schema(schema).parquet(place)


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES)
def test_sources_of_columns(
    make: Make, expected: dict[str, tuple[str, ...]], bronze: tuple[DataFrame, DataFrame]
) -> None:
    made = make(*bronze)
    assert column_sources(made, {"s3://x/one/": "x", "/one": "one", "/two/": "two"}) == expected


def test_a_table_that_is_no_bronze_table_is_no_source(bronze: tuple[DataFrame, DataFrame]) -> None:
    one, two = bronze
    made = one.join(two, "a").select("a", two["b"].alias("c"))
    assert column_sources(made, {"/one": "one"}) == {"a": ("one.a",), "c": ()}


def test_a_plan_that_is_not_understood_gives_nothing_and_fails_nothing(
    bronze: tuple[DataFrame, DataFrame], caplog: pytest.LogCaptureFixture
) -> None:
    assert column_sources(bronze[0].rollup("a").count(), {"/one": "one"}) == {}
    assert "the lineage of the columns is not known" in caplog.text
    leaf = {"class": "x.LogicalRelation", "num-children": 0, "output": []}
    with pytest.raises(UnknownPlanError, match="Mystery"):
        trace([{"class": "x.Mystery", "num-children": 1}, leaf], [None])


def test_a_plan_that_is_too_deep_fails_no_job(
    bronze: tuple[DataFrame, DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = [{"class": "x.Filter", "num-children": 1} for _ in range(5000)]
    leaf = {"class": "x.LogicalRelation", "num-children": 0, "output": []}
    with pytest.raises(RecursionError):
        trace([*deep, leaf], [None])
    monkeypatch.setattr(column_lineage, "trace", lambda *_: trace([*deep, leaf], [None]))
    assert column_sources(bronze[0], {"/one": "one"}) == {}


@pytest.mark.parametrize("dataset", dataset_names())
def test_every_column_of_every_dataset_has_a_source_but_those_that_are_constant_or_counted(
    dataset: str, spark: SparkSession, tmp_path: Path
) -> None:
    config, transforms = load_dataset(dataset), import_module(f"domains.{dataset}.transforms").TRANSFORMS
    frames = {
        member.table: saved(spark, tmp_path, member.table, [*(c.name for c in member.columns), "meta_row_position"])
        for member in config.members
    }
    without: dict[str, set[str]] = {}
    for transform in transforms:
        rows = [frames[name].withColumn("meta_source_table", F.lit(name)) for name in transform.sources]
        union = rows[0]
        for other in rows[1:]:
            union = union.unionByName(other, allowMissingColumns=True)
        made = transform.transform(
            union.withColumn("meta_version", F.lit("2020-01-01")), *(frames[name] for name in transform.lookups)
        )
        sources = column_sources(made, {f"/{name}": name for name in frames})
        assert sources.keys() == {name for name in made.columns if not name.startswith("meta_")}
        for column, names in sources.items():
            for name in names:
                assert name.partition(".")[2] in frames[name.partition(".")[0]].columns
            if not names:
                without.setdefault(column, set()).add(transform.table)
    assert without.keys() <= {"directory", "atom_count", "srl", "srl_origin"}

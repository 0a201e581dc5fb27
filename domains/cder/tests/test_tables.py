"""Tests for all CDER tables: declared columns, grain, row equation, with and without ANSI mode."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from _shared.glue_lib.silver.transform import SilverTransform
from domains.cder.rows import PACKAGES, PRODUCTS
from domains.cder.tests.support import (
    BY_TABLE,
    CONFIG,
    MEMBERS,
    REAL,
    TABLES,
    Fields,
    bronze,
    declared,
    kept,
    made_columns,
    real_rows,
)
from domains.cder.transforms import TRANSFORMS

ROWS = {
    "cder_product": 38,
    "cder_product_ingredient": 80,
    "cder_product_class": 68,
    "cder_package": 30,
    "cder_package_content": 73,
}
"""Expected number of rows, counted by separators in the real files, independently of the product's code."""

all_tables = pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.table)


def test_every_declared_table_has_a_transform_and_every_source_a_member() -> None:
    assert {transform.table for transform in TRANSFORMS} == set(TABLES)
    assert set(PRODUCTS) | set(PACKAGES) == set(MEMBERS)
    assert {name for transform in TRANSFORMS for name in transform.sources} == set(MEMBERS)


def test_every_required_column_is_in_a_table() -> None:
    known = {name for table in TABLES for name in declared(table)}
    assert set(CONFIG["data_quality"]["required_columns"]) <= known


@all_tables
def test_the_transform_makes_the_declared_columns(spark: SparkSession, transform: SilverTransform) -> None:
    rows = {name: real_rows(name) for name in transform.sources if name in REAL}
    assert made_columns(transform.transform(bronze(spark, rows))) == declared(transform.table)


@all_tables
def test_rows_are_as_many_as_expected_and_the_grain_is_unique(spark: SparkSession, transform: SilverTransform) -> None:
    frame = kept(bronze(spark, {name: real_rows(name) for name in transform.sources if name in REAL}), transform)
    made = transform.transform(frame)
    count = made.count()
    assert count == frame.agg(transform.expected()).collect()[0][0] == ROWS[transform.table]
    assert made.select(*TABLES[transform.table].grain).distinct().count() == count


@all_tables
def test_a_release_with_the_finished_drugs_alone_has_every_column(
    spark: SparkSession, transform: SilverTransform
) -> None:
    finished = transform.sources[0]
    frame = kept(bronze(spark, {finished: real_rows(finished)[:3]}), transform)
    assert made_columns(transform.transform(frame)) == declared(transform.table)
    assert {row["directory"] for row in transform.transform(frame).collect()} == {"finished"}


@all_tables
def test_nothing_is_expected_of_no_rows(spark: SparkSession, transform: SilverTransform) -> None:
    frame = bronze(spark, {transform.sources[0]: []})
    assert frame.agg(transform.expected()).collect()[0][0] == 0
    assert transform.transform(frame).count() == 0


@pytest.mark.usefixtures("ansi")
@all_tables
def test_nothing_fails_under_ansi_rules(spark: SparkSession, transform: SilverTransform) -> None:
    names = {column["name"] for name in transform.sources for column in MEMBERS[name]["columns"]}
    strange: list[Fields] = [
        dict.fromkeys(names, text) for text in ("x", "9" * 40, "; ", "*", "20190231", "-1", "[PE],", "1 A in 1 B")
    ]
    real = [fields for name in transform.sources if name in REAL for fields in real_rows(name)]
    frame = kept(bronze(spark, {transform.sources[0]: [*strange, *real]}), BY_TABLE[transform.table])
    assert len(transform.transform(frame).collect()) == frame.agg(transform.expected()).collect()[0][0]

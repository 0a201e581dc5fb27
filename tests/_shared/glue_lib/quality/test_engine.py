from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from pyspark.sql import DataFrame, SparkSession

from _shared.contracts.quality.expectations import Expectation
from _shared.contracts.report import CheckResult
from _shared.glue_lib.quality.data_docs import page
from _shared.glue_lib.quality.engine import suite_result, validate
from _shared.glue_lib.quality.report_page import CONTENT_POLICY
from _shared.glue_lib.quality.results import check_result
from config.datasets import load_datasets

MATCH, NOT_NULL, IN_SET = (f"expect_column_values_to_{name}" for name in ("match_regex", "not_be_null", "be_in_set"))
ROWS, QUERY = "expect_table_row_count_to_be_between", "unexpected_rows_expectation"


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([("a1", 1), ("b", 2), (None, 3), ("zz", 4)], "code string, n int").coalesce(1)


def expect(kind: str, **kwargs: Any) -> Expectation:
    return Expectation(kind, kwargs, "warning")


def checked(frame: DataFrame, *expectations: Expectation) -> list[CheckResult]:
    return [check_result(one, "t") for one in validate(frame, expectations)]


CASES = [
    (expect(MATCH, column="code", regex="^[a-z]"), True, "0 of 4 unexpected (0.00%)"),
    (expect(MATCH, column="code", regex="^[a-z][0-9]?$", mostly=0.6), True, "1 of 4 unexpected (33.33%)"),
    (expect(MATCH, column="code", regex="^[a-z][0-9]$"), False, "2 of 4 unexpected (66.67%): 'b', 'zz'"),
    (expect(NOT_NULL, column="code", mostly=0.5), True, "1 of 4 null (25.00%)"),
    (expect(NOT_NULL, column="code"), False, "1 of 4 null (25.00%)"),
    (expect(IN_SET, column="n", value_set=[1, 2, 3]), False, "1 of 4 unexpected (25.00%): '4'"),
    (expect(ROWS, min_value=1), True, "found 4"),
    (expect(ROWS, min_value=5), False, "found 4"),
    (expect(QUERY, unexpected_rows_query="SELECT n FROM {batch} WHERE n > 4"), True, "found 0"),
    (expect(QUERY, unexpected_rows_query="SELECT n FROM {batch} WHERE n > 2"), False, "found 2"),
]


def test_each_expectation_is_judged_with_what_was_seen(frame: DataFrame) -> None:
    found = checked(frame, *(expectation for expectation, _, _ in CASES))
    assert [(check.passed, check.observed) for check in found] == [(passed, seen) for _, passed, seen in CASES]
    assert {check.severity for check in found} == {"warning"}


@pytest.mark.parametrize(
    ("expectation", "problem"),
    [
        (expect("expect_column_values_to_shine", column="code"), "expect_column_values_to_shine not found"),
        (expect(MATCH, column="code", regexp="^x"), "extra fields not permitted"),
        (expect(MATCH, column="colour", regex="^x"), 'The column "colour" in BatchData does not exist'),
        (expect(MATCH, column="code", regex="^[a-z"), "PatternSyntaxException: Unclosed character class"),
        (expect(QUERY, unexpected_rows_query="SELECT n FROM {batch} JOIN nowhere USING (n)"), "`nowhere` cannot be"),
    ],
)
def test_an_expectation_that_cannot_be_evaluated_is_a_critical_failure(
    frame: DataFrame, expectation: Expectation, problem: str
) -> None:
    good, bad = checked(frame, expect(ROWS, min_value=1), expectation)
    assert good.passed
    assert (bad.passed, bad.severity, bad.stops) == (False, "critical", True)
    assert bad.observed.startswith("could not be evaluated: ")
    assert problem in bad.observed


def test_any_number_of_column_expectations_reads_the_data_equally_often(spark: SparkSession, frame: DataFrame) -> None:
    tracker = spark.sparkContext.statusTracker()

    def jobs(*expectations: Expectation) -> int:
        before = len(tracker.getJobIdsForGroup(None))
        assert all(one.success for one in validate(frame, expectations))
        return len(tracker.getJobIdsForGroup(None)) - before

    one = expect(MATCH, column="code", regex="^[a-z]")
    many = [expect(MATCH, column="code", regex=f"^[a-z]{{1,{number}}}") for number in range(1, 20)]
    others = [expect(NOT_NULL, column="n"), expect(IN_SET, column="n", value_set=[1, 2, 3, 4])]
    assert jobs(one) == jobs(one, *many, *others)


def test_nothing_is_sent_anywhere(frame: DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def watched_connect(self: socket.socket, address: Any) -> None:
        asked.append(str(address[0]))
        connect(self, address)

    def watched_resolve(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        return resolve(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", watched_connect)
    monkeypatch.setattr(socket, "getaddrinfo", watched_resolve)
    page(suite_result("t", validate(frame, [expectation for expectation, _, _ in CASES])))
    # Spark's own JVM on this machine, and nothing else.
    assert set(asked) == {"127.0.0.1"}


def test_loading_the_library_connects_to_nothing() -> None:
    program = """
import socket, sys
def refused(*arguments, **_):
    sys.exit(f"asked for {arguments}")
socket.socket.connect = socket.getaddrinfo = refused
import _shared.glue_lib.quality.engine, os
print(os.environ["GX_ANALYTICS_ENABLED"])
"""
    environment = {name: value for name, value in os.environ.items() if name != "GX_ANALYTICS_ENABLED"}
    root = str(Path(__file__).parents[4])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "false"), done.stderr


def test_the_page_loads_nothing_from_other_sites(frame: DataFrame) -> None:
    html = page(suite_result("t", validate(frame, [expectation for expectation, _, _ in CASES])))
    assert "^[a-z][0-9]$" in html
    assert "<script" not in html
    assert "<link" not in html
    assert "<img" not in html


HOSTILE = "<svg onload=alert(1)>"


def test_what_a_source_says_is_text_in_the_page(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(HOSTILE,)], "code string")
    suite = [
        expect(MATCH, column="code", regex="^[a-z]$"),
        Expectation(IN_SET, {"column": "code", "value_set": ["<b>a</b>"]}, description="<u>a title</u>"),
    ]
    html = page(suite_result("t", validate(frame, suite)))
    assert "&lt;svg onload=alert(1)&gt;" in html
    for text in (HOSTILE, "<b>a</b>", "<u>a title</u>"):
        assert text not in html
    assert html.index(CONTENT_POLICY) < html.index("<body")


@pytest.mark.parametrize(
    ("name", "expectations"),
    [(table.name, table.expectations) for config in load_datasets() for table in config.silver_tables],
)
def test_the_library_knows_every_expectation_of_the_datasets(name: str, expectations: tuple[Expectation, ...]) -> None:
    assert expectations, f"{name} has no expectations"
    for one in expectations:
        ExpectationConfiguration(type=one.type, kwargs=dict(one.kwargs)).to_domain_obj()
        assert one.description
        assert set(one.meta) == {"reference", "remedy"}
        assert one.meta["reference"].startswith("https://")

"""CDER through the deployed state machine: three files, each asked for, hashed and left alone on its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Lake
from tests.e2e.several_sources import CDER, class_count, equation_holds, members, rows, some_lines, write

FIRST, SECOND = "2019-04-29", "2019-05-19"
FINISHED, EXCLUDED, UNFINISHED = "ndctext.zip", "ndc_excluded.zip", "ndc_unfinished.zip"
FOLDER = "cder/today"
TABLES = ("cder_product", "cder_product_ingredient", "cder_product_class", "cder_package", "cder_package_content")


@pytest.fixture(scope="module")
def cder(lake: Lake) -> Lake:
    """CDER, deployed, and its first day: the excluded file is not there."""
    folder = lake.source_directory / FOLDER
    write(folder / FINISHED, members(CDER / FINISHED), FIRST)
    write(folder / UNFINISHED, members(CDER / UNFINISHED), "2018-06-25")
    return lake.with_dataset("cder")


@pytest.fixture(scope="module")
def first_run(cder: Lake) -> dict[str, Any]:
    return cder.run(source_url=f"{cder.sources}/{FOLDER}/")


@pytest.fixture(scope="module")
def second_run(cder: Lake, first_run: dict[str, Any]) -> dict[str, Any]:
    """The next day: the unfinished file is another one, the excluded file is there, the finished is the same."""
    assert first_run["status"] == "SUCCEEDED"
    folder, finished = cder.source_directory / FOLDER, members(CDER / FINISHED)
    unfinished = {name: some_lines(100)(body) for name, body in members(CDER / UNFINISHED).items()}
    write(folder / UNFINISHED, unfinished, "2019-05-18")
    files = (("Products_excluded.txt", "product.txt"), ("Packages_excluded.txt", "package.txt"))
    write(folder / EXCLUDED, {name: some_lines(40)(finished[like]) for name, like in files}, SECOND)
    cder.seen_requests.clear()
    return cder.run(source_url=f"{cder.sources}/{FOLDER}/")


def test_the_first_run_publishes_every_table_with_every_row_accounted_for(
    cder: Lake, first_run: dict[str, Any]
) -> None:
    assert first_run["status"] == "SUCCEEDED", first_run.get("cause")
    record = cder.record_of(first_run)
    # The release is as new as the newest of the files that every release has.
    assert (record["status"], record["version"]) == ("SUCCEEDED", FIRST)
    assert set(record["rows"]) == set(TABLES)
    assert all(equation_holds(counted) for counted in record["rows"].values())
    finished, unfinished = members(CDER / FINISHED), members(CDER / UNFINISHED)
    products = rows([finished["product.txt"], unfinished["unfinished_product.txt"]])
    packages = rows([finished["package.txt"], unfinished["unfinished_package.txt"]])
    assert record["rows"]["cder_product"]["raw"] == len(products)
    assert record["rows"]["cder_package"]["raw"] == record["rows"]["cder_package_content"]["raw"] == len(packages)
    assert record["rows"]["cder_product_class"]["silver"] == class_count(products)
    # Real files have values that no page lists: warnings, which do not stop the version.
    assert not [check for check in record["checks"] if not check["passed"] and check["severity"] == "critical"]
    assert [check["column"] for check in record["checks"] if not check["passed"]] == [None, "marketing_category"]


def test_a_source_that_is_not_there_is_recorded_as_absent(cder: Lake, first_run: dict[str, Any]) -> None:
    outcomes = {source["name"]: source["outcome"] for source in cder.record_of(first_run)["sources"]}
    assert outcomes == {"finished": "fetched", "excluded": "absent", "unfinished": "fetched"}


def test_readers_see_the_tables_as_declared(cder: Lake, first_run: dict[str, Any]) -> None:
    record = cder.record_of(first_run)
    for table in TABLES:
        (counted,) = cder.query(f"select count(*) as n from {table}_versions where version = '{FIRST}'")
        assert counted["n"] == str(record["rows"][table]["silver"])
    tables = cder.cloud.client("glue").get_tables(DatabaseName="cder_db")["TableList"]
    names = {table["Name"] for table in tables}
    assert {name for table in TABLES for name in (table, f"{table}_versions")} <= names
    for table in tables:
        if table["Name"] in TABLES:
            assert table["Description"]
            assert [column["Name"] for column in table["StorageDescriptor"]["Columns"] if not column["Comment"]] == []


def test_what_careless_readers_break_is_whole(cder: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED"
    classes = cder.query("select distinct class_type from cder_product_class where class_name like '%, %'")
    assert classes, "no class with a comma in its name"
    (routes,) = cder.query("select count(*) as n, max(cardinality(routes)) as most from cder_product where "
                           "contains(routes, 'ORAL')")  # fmt: skip
    assert int(routes["n"] or 0) > 0
    assert int(routes["most"] or 0) > 1
    (marked,) = cder.query("select count(*) as n from cder_product where labeler_name like '%Dr. Reddy\u2019s%'")
    assert int(marked["n"] or 0) > 0


def test_of_three_sources_only_those_that_changed_are_fetched(cder: Lake, second_run: dict[str, Any]) -> None:
    assert second_run["status"] == "SUCCEEDED", second_run.get("cause")
    requests = {f"GET /{FOLDER}/{FINISHED} 304", f"GET /{FOLDER}/{EXCLUDED} 200", f"GET /{FOLDER}/{UNFINISHED} 200"}
    assert set(cder.seen_requests) == requests
    assert len(cder.seen_requests) == len(requests)
    record = cder.record_of(second_run)
    outcomes = {source["name"]: source["outcome"] for source in record["sources"]}
    assert outcomes == {"finished": "unchanged", "excluded": "fetched", "unfinished": "fetched"}
    # The excluded file may be missing tomorrow, and the release is then no older than this one.
    assert record["version"] == FIRST
    assert all(equation_holds(counted) for counted in record["rows"].values())
    fetched = members(CDER / FINISHED)["product.txt"].count(b"\r\n") - 1
    counted = cder.query("select directory, count(*) as n from cder_product group by 1 order by 1")
    assert {row["directory"]: int(row["n"] or 0) for row in counted} == {
        "excluded": 40, "finished": fetched, "unfinished": 100,
    }  # fmt: skip


def test_nothing_changed_is_three_conditional_requests_and_no_job(cder: Lake, second_run: dict[str, Any]) -> None:
    assert second_run["status"] == "SUCCEEDED"
    glue = cder.cloud.client("glue")
    jobs_before = len(glue.get_job_runs(JobName="cder-bronze-job")["JobRuns"])
    cder.seen_requests.clear()
    skipped = cder.run(source_url=f"{cder.sources}/{FOLDER}/")
    assert skipped["status"] == "SUCCEEDED"
    assert sorted(cder.seen_requests) == [
        f"GET /{FOLDER}/{name} 304" for name in sorted((FINISHED, EXCLUDED, UNFINISHED))
    ]
    assert len(glue.get_job_runs(JobName="cder-bronze-job")["JobRuns"]) == jobs_before
    record = cder.record_of(skipped)
    assert (record["status"], len(record["sources"])) == ("SKIPPED", 3)
    assert record["reason"].startswith(f"3 sources unchanged since version {FIRST}")

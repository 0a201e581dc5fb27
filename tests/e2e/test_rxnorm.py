"""RxNorm through the deployed state machine: files without header in an archive that may lack most of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.conftest import PROJECT, Lake
from tests.e2e.several_sources import RXNORM, equation_holds, members, write

VERSION, RELEASED = "2026-09-08", "2026-09-10"
FOLDER = "rxnorm/today"
TABLES = ("rxnorm_atom", "rxnorm_attribute", "rxnorm_concept", "rxnorm_ndc", "rxnorm_relation")
SHORT_LINE = b"999||CUI|RO\n"


@pytest.fixture(scope="module")
def rxnorm(lake: Lake) -> Lake:
    """RxNorm, deployed, and a release with one line that is cut off."""
    files = members(RXNORM)
    files["rrf/RXNREL.RRF"] += SHORT_LINE
    # A full archive carries the prescribable one as well.
    files["prescribe/rrf/RXNCONSO.RRF"] = b"not|this|\n"
    write(lake.source_directory / FOLDER / RXNORM.name, files, RELEASED)
    return lake.with_dataset("rxnorm")


@pytest.fixture(scope="module")
def first_run(rxnorm: Lake) -> dict[str, Any]:
    return rxnorm.run(source_url=f"{rxnorm.sources}/{FOLDER}/{RXNORM.name}")


def test_a_release_is_published_with_every_line_accounted_for(rxnorm: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED", first_run.get("cause")
    record = rxnorm.record_of(first_run)
    # As its name says, not as its server does.
    assert record["version"] == VERSION
    assert set(record["rows"]) == set(TABLES)
    assert all(equation_holds(counted) for counted in record["rows"].values())
    lines = {name: body.count(b"\n") for name, body in members(RXNORM).items()}
    raw = {table: counted["raw"] for table, counted in record["rows"].items()}
    assert raw["rxnorm_atom"] == raw["rxnorm_concept"] == lines["rrf/RXNCONSO.RRF"]
    assert raw["rxnorm_relation"] == lines["rrf/RXNREL.RRF"] + 1
    assert raw["rxnorm_ndc"] == raw["rxnorm_attribute"] == lines["rrf/RXNSAT.RRF"]
    assert record["quarantine_reasons"] == {"TOO_FEW_FIELDS": 1}


def test_the_line_that_was_cut_off_is_shown_as_the_source_has_it(rxnorm: Lake, first_run: dict[str, Any]) -> None:
    record = rxnorm.record_of(first_run)
    finished = subprocess.run(
        [sys.executable, "-m", "lake", "quarantine", "rxnorm", record["run_id"], "--json"],
        cwd=PROJECT,
        env={**os.environ, **rxnorm.cloud.environment(), "LAKE_STATE_DIRECTORY": str(rxnorm.cloud.state_directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    assert document["counts"] == [{"table": "rxnorm_relation", "reason": "TOO_FEW_FIELDS", "rows": 1}]
    [row] = document["rows"]
    assert row["line"] == SHORT_LINE.decode().removesuffix("\n")


def test_each_relation_is_there_in_one_direction(rxnorm: Lake, first_run: dict[str, Any]) -> None:
    record = rxnorm.record_of(first_run)
    pairs = members(RXNORM)["rrf/RXNREL.RRF"].count(b"\n") // 2
    (counted,) = rxnorm.query("select count(*) as n, count(distinct rui) as different from rxnorm_relation")
    assert counted == {"n": str(pairs), "different": str(pairs)}
    assert record["left_out_reasons"]["INVERSE_DIRECTION"] == pairs


def test_readers_see_what_the_release_has_and_no_table_that_it_lacks(rxnorm: Lake, first_run: dict[str, Any]) -> None:
    record = rxnorm.record_of(first_run)
    (source,) = record["sources"]
    assert set(source["absent_tables"]) == {
        "rxnsab", "rxnsty", "rxndoc", "rxncui", "rxncuichanges", "rxnatomarchive",
    }  # fmt: skip
    tables = rxnorm.cloud.client("glue").get_tables(DatabaseName="rxnorm_db")["TableList"]
    bronze = {f"bronze_{name}" for name in ("rxnconso", "rxnrel", "rxnsat")}
    silver = {name for table in TABLES for name in (table, f"{table}_versions")}
    assert {table["Name"] for table in tables} == bronze | silver
    (concept,) = rxnorm.query("select max(cardinality(sources)) as most, min(srl) as srl from rxnorm_concept")
    assert (int(concept["most"] or 0) > 1, concept["srl"]) == (True, "0")


def test_the_same_release_is_skipped(rxnorm: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED"
    skipped = rxnorm.run(source_url=f"{rxnorm.sources}/{FOLDER}/{RXNORM.name}")
    assert rxnorm.record_of(skipped)["status"] == "SKIPPED"


def test_a_file_that_must_be_there_and_is_not_fails_the_run_by_name(rxnorm: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED"
    files = members(RXNORM)
    del files["rrf/RXNSAT.RRF"]
    write(rxnorm.source_directory / FOLDER / "RxNorm_full_prescribe_10062026.zip", files, RELEASED)
    failed = rxnorm.run(source_url=f"{rxnorm.sources}/{FOLDER}/RxNorm_full_prescribe_10062026.zip")
    assert (failed["status"], failed["error"]) == ("FAILED", "MissingMemberError")
    assert "rrf/RXNSAT.RRF" in failed["cause"]
    (current,) = rxnorm.query("select min(meta_version) as version from rxnorm_atom")
    assert current["version"] == VERSION

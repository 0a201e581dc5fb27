from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.release import PreviousVersion
from tests.defects.outcomes import outcome, publish_the_day_before
from tests.defects.page import HEAD, PAGE, table
from tests.defects.releases import DEFECTS, Defect


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("defects")


@pytest.fixture(scope="module")
def previous(spark: SparkSession, folder: Path) -> PreviousVersion:
    return publish_the_day_before(spark, folder)


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect.what for defect in DEFECTS])
def test_the_page_says_what_comes_of_a_defect(
    spark: SparkSession, folder: Path, previous: PreviousVersion, defect: Defect
) -> None:
    line = table([outcome(spark, folder, defect, previous)]).removeprefix(HEAD)
    assert line in PAGE.read_text("utf-8"), "write the page anew: python -m tests.defects.page"


def test_the_page_has_no_other_lines() -> None:
    assert PAGE.read_text("utf-8").partition(HEAD)[2].count("\n") == len(DEFECTS)

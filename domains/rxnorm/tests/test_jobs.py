"""The RxNorm jobs on real lines: a release that lacks the optional files, and one that has one of them."""

from __future__ import annotations

from pyspark.sql import SparkSession

from _shared.contracts.report import JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from config.datasets import load_dataset
from domains.rxnorm.tests.support import DATA, MEMBERS
from domains.rxnorm.transforms import TRANSFORMS
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests._shared.glue_lib.small_dataset import rows

CONFIG = load_dataset("rxnorm")
PRESCRIBABLE = ("rxnconso", "rxnrel", "rxnsat")
OPTIONAL = tuple(table for table in MEMBERS if table not in PRESCRIBABLE)
ONLY_IN_THE_FULL_RELEASE = (
    "rxnorm_source",
    "rxnorm_semantic_type",
    "rxnorm_documentation",
    "rxnorm_concept_history",
    "rxnorm_concept_change",
    "rxnorm_atom_archive",
)


def run(spark: SparkSession, lake: LocalLake, **changed: bytes) -> tuple[JobReport, JobReport]:
    members = {table: (DATA / f"{table.upper()}.RRF").read_bytes() for table in PRESCRIBABLE} | changed
    absent = tuple(table for table in OPTIONAL if table not in members)
    put_release(lake, "rxnorm", members, version="2026-09-08", absent=absent)
    bronze = run_bronze(spark, CONFIG, lake, RUN_ID)
    return bronze, run_silver(spark, CONFIG, TRANSFORMS, lake, RUN_ID)


def test_the_prescribable_release_becomes_five_tables(spark: SparkSession, lake: LocalLake) -> None:
    bronze, silver = run(spark, lake)
    assert (bronze.absent, silver.absent) == (OPTIONAL, ONLY_IN_THE_FULL_RELEASE)
    assert [counts.rows_in for counts in bronze.tables] == [60, 84, 78]
    counts = {found.table: found for found in silver.tables}
    assert all(found.balanced and not found.quarantined for found in silver.tables)
    assert counts["rxnorm_atom"].rows_out == 60
    relations = counts["rxnorm_relation"]
    assert relations.rows_out + relations.left_out["INVERSE_DIRECTION"] == 84
    ndcs, attributes = counts["rxnorm_ndc"], counts["rxnorm_attribute"]
    assert ndcs.rows_out + attributes.rows_out == 78
    assert ndcs.left_out == {"NOT_AN_NDC": attributes.rows_out}
    concepts = counts["rxnorm_concept"]
    assert (concepts.kept, concepts.rows_out) == (60, concepts.expected)
    assert {row[0] for found in silver.tables for row in rows(spark, found.location, "srl")} == {0}


def test_an_optional_file_is_a_table_and_a_line_with_the_wrong_number_of_fields_is_counted(
    spark: SparkSession, lake: LocalLake
) -> None:
    values = {"rsab": "RXNORM", "vsab": "RXNORM_26AA_260908F", "srl": "0"}
    line = "".join(f"{values.get(column['name'], '')}|" for column in MEMBERS["rxnsab"]["columns"])
    relations = ["one|field too few|", *(DATA / "RXNREL.RRF").read_text("utf-8").splitlines()]
    bronze, silver = run(spark, lake, rxnsab=f"{line}\n".encode(), rxnrel="\n".join(relations).encode())
    assert "rxnsab" not in bronze.absent
    assert "rxnorm_source" not in silver.absent
    counts = {found.table: found for found in silver.tables}
    assert ("RXNORM", "RXNSAB") in set(rows(spark, counts["rxnorm_atom"].location, "sab", "srl_origin"))
    assert (counts["rxnorm_relation"].rows_in, counts["rxnorm_relation"].quarantined) == (85, {"TOO_FEW_FIELDS": 1})
    assert {found.table: found.malformed for found in bronze.tables}["rxnrel"] == 1

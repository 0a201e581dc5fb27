from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from domains.rxnorm.relations import INVERSES
from domains.rxnorm.tests.support import lines_of, make

Fact = tuple[str, str, str]


def rel(subject: str, relation: str, found: str, rui: int, broad: str = "RO", suppress: str = "") -> str:  # noqa: PLR0917
    """Build a row of RXNREL, which is read from right to left."""
    return f"{found}||CUI|{broad}|{subject}||CUI|{relation}|{rui}||RXNORM||||{suppress}|4096|"


def facts(rows: list[dict[str, Any]]) -> list[Fact]:
    return [(row["subject_rxcui"], row["relation"], row["object_rxcui"]) for row in rows]


def test_the_release_reads_from_right_to_left_and_the_table_from_left_to_right(spark: SparkSession) -> None:
    made = make(spark, "rxnorm_relation", rxnrel=lines_of("RXNREL.RRF"))
    names = {line.split("|")[0]: line.split("|")[14] for line in lines_of("RXNCONSO.RRF") if "|RXNORM|" in line}
    kinds = {
        line.split("|")[0]: line.split("|")[12]
        for line in lines_of("RXNCONSO.RRF")
        if "|RXNORM|" in line and line.split("|")[12] not in {"SY", "TMSY", "PSN"}
    }
    assert names["861007"].endswith("500 MG Oral Tablet")
    told = set(facts(made.rows))
    assert ("861007", "consists_of", "860974") in told
    assert ("860974", "has_ingredient", "6809") in told
    assert ("860974", "has_precise_ingredient", "235743") in told
    assert ("562508", "has_ingredients", "19711") in told
    assert ("861007", "has_dose_form", "317541") in told
    assert ("562508", "has_tradename", "824194") in told
    assert ("19711", "has_part", "723") in told
    assert ("861006", "isa", "368254") in told
    pairs = Counter((kinds[subject], relation, kinds[found]) for subject, relation, found in told)
    assert {pair for pair in pairs if pair[1] == "consists_of"} == {
        ("SCD", "consists_of", "SCDC"),
        ("SBD", "consists_of", "SCDC"),
    }
    assert {pair[2] for pair in pairs if pair[1] == "has_dose_form"} == {"DF"}
    assert {pair[0] for pair in pairs if pair[1] == "has_ingredients"} == {"SCD"}


def test_of_the_84_lines_of_the_release_one_of_each_pair_stays_and_none_is_lost(spark: SparkSession) -> None:
    lines = lines_of("RXNREL.RRF")
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    assert len(lines) == 84
    written = {(line.split("|")[4], line.split("|")[7], line.split("|")[0]) for line in lines}
    directed = {
        (found, INVERSES[relation], subject) if relation in INVERSES else (subject, relation, found)
        for subject, relation, found in written
    }
    assert sorted(facts(made.rows)) == sorted(directed)
    assert made.reasons == {"INVERSE_DIRECTION": 84 - len(directed)}
    assert len(made.rows) == made.expected
    turned = {fact for row, fact in zip(made.rows, facts(made.rows), strict=True) if row["is_turned"]}
    assert turned == directed - written


def test_an_inverse_that_stands_alone_is_turned_round(spark: SparkSession) -> None:
    (row,) = make(spark, "rxnorm_relation", rxnrel=[rel("1", "form_of", "2", 7, "RN")]).rows
    assert facts([row]) == [("2", "has_form", "1")]
    assert (row["rel"], row["rui"], row["is_turned"]) == ("RB", "7", True)


def test_a_label_without_known_inverse_stays_as_it_is_written(spark: SparkSession) -> None:
    lines = [rel("1", "active_moiety_of", "2", 1), rel("3", "due_to", "4", 2), rel("4", "cause_of", "3", 3)]
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    assert facts(made.rows) == [("1", "active_moiety_of", "2"), ("3", "due_to", "4"), ("4", "cause_of", "3")]
    assert {row["is_turned"] for row in made.rows} == {False}
    mirrored = [*lines, rel("2", "has_active_moiety", "1", 4)]
    made = make(spark, "rxnorm_relation", rxnrel=mirrored)
    assert ("2", "has_active_moiety", "1") in facts(made.rows)
    assert made.reasons == {"INVERSE_DIRECTION": 1}


def test_what_differs_in_more_than_direction_is_no_mirror(spark: SparkSession) -> None:
    lines = [rel("1", "has_part", "2", 1, suppress="O"), rel("2", "part_of", "1", 2, suppress="N")]
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    assert [row["suppress"] for row in made.rows] == ["O", "N"]
    assert made.reasons == {}


def test_the_mirror_of_a_rejected_line_is_not_left_out(spark: SparkSession) -> None:
    lines = ["2||CUI|RO|1||CUI|has_part|||RXNORM|||||4096|", rel("2", "part_of", "1", 2)]
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    assert made.reasons == {"MISSING_RUI": 1}
    assert facts(made.rows) == [("1", "has_part", "2")]


def test_relations_without_label_are_told_by_rel(spark: SparkSession) -> None:
    lines = [
        rel("1", "", "2", 1, "CHD"),
        rel("2", "", "1", 2, "PAR"),
        rel("3", "", "4", 3, "SIB"),
        rel("4", "", "3", 4, "SIB"),
        rel("6", "", "5", 5, "SY"),
        rel("7", "same_as", "8", 6, "SY"),
        rel("8", "same_as", "7", 7, "SY"),
        rel("9", "", "10", 8, ""),
    ]
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    assert [(row["subject_rxcui"], row["rel"], row["object_rxcui"]) for row in made.rows] == [
        ("1", "CHD", "2"),
        ("3", "SIB", "4"),
        ("5", "SY", "6"),
        ("7", "SY", "8"),
    ]
    assert made.reasons == {"INVERSE_DIRECTION": 3, "MISSING_RELATION": 1}


def test_relations_of_atoms_keep_their_atoms(spark: SparkSession) -> None:
    lines = [
        "|11|AUI|RO||12|AUI|has_form|1||MTHSPL|||||||".replace("|||||||", "||||||"),
        "|12|AUI|RO||11|AUI|form_of|2||MTHSPL||||||",
    ]
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    (row,) = made.rows
    assert (row["subject_rxaui"], row["relation"], row["object_rxaui"]) == ("12", "has_form", "11")
    assert (row["subject_rxcui"], row["subject_level"], row["is_prescribable"]) == (None, "AUI", False)


LABELS = st.sampled_from(["has_part", "consists_of", "isa", "has_tradename", "contains"])
ENDS = st.integers(1, 9)
DIRECTIONS = st.sampled_from(["both", "kept", "inverse"])


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    told=st.dictionaries(st.tuples(ENDS, LABELS, ENDS), DIRECTIONS, min_size=1, max_size=60),
    seed=st.integers(0, 2**32),
)
def test_of_mirrored_relations_one_of_each_pair_stays(
    spark: SparkSession, told: dict[tuple[int, str, int], str], seed: int
) -> None:
    inverse = {kept: name for name, kept in INVERSES.items()}
    lines: list[str] = []
    for (subject, label, found), direction in told.items():
        if direction in {"both", "kept"}:
            lines.append(rel(str(subject), label, str(found), len(lines)))
        if direction in {"both", "inverse"}:
            lines.append(rel(str(found), inverse[label], str(subject), len(lines)))
    random.Random(seed).shuffle(lines)
    made = make(spark, "rxnorm_relation", rxnrel=lines)
    assert Counter(facts(made.rows)) == Counter((str(s), label, str(f)) for s, label, f in told)
    both = sum(direction == "both" for direction in told.values())
    assert made.reasons == ({"INVERSE_DIRECTION": both} if both else {})
    assert sum(row["is_turned"] for row in made.rows) == sum(direction == "inverse" for direction in told.values())

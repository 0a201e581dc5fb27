from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.lineage import LINEAGE, ROW_POSITION, VERSION
from domains.rxnorm.tests.support import MEMBERS, TABLES, lines_of, make
from domains.rxnorm.transforms import TRANSFORMS

CONSO = "RXNCONSO.RRF"
SAT = "RXNSAT.RRF"


def conso(rxcui: str, rxaui: str, sab: str, tty: str, name: str, srl: str = "", suppress: str = "N") -> str:  # noqa: PLR0917
    return f"{rxcui}|ENG||||||{rxaui}||||{sab}|{tty}|{rxcui}|{name}|{srl}|{suppress}||"


def sab_line(rsab: str, srl: str, vsab: str = "v") -> str:
    values = {"rsab": rsab, "vsab": vsab, "srl": srl}
    return "".join(f"{values.get(column['name'], '')}|" for column in MEMBERS["rxnsab"]["columns"])


def sat(rxcui: str, rxaui: str, sab: str, ndc: str, suppress: str = "N") -> str:
    return f"{rxcui}|||{rxaui}|AUI|{rxcui}|||NDC|{sab}|{ndc}|{suppress}|4096|"


ONE_LINE = {
    "rxnconso": conso("1", "2", "RXNORM", "IN", "x"),
    "rxnrel": "1||CUI|RO|2||CUI|has_part|3||RXNORM|||||4096|",
    "rxnsat": "1|||2|AUI|1|||NDC|RXNORM|00093227534|N|4096|",
    "rxnsab": sab_line("RXNORM", "0"),
    "rxnsty": "1|T200|A1.3.3|Clinical Drug|AT1|4096|",
    "rxndoc": "RELA|has_part|rela_inverse|part_of|",
    "rxncui": "1648576|RXNORM_15AA_150908F|RXNORM_15AA_150908F|1|1667351|",
    "rxncuichanges": "||RXNORM|||1115469|1946519|",
    "rxnatomarchive": "1|A1|x|27-MAR-2009 16:40:45|27-MAR-2009 16:40:45||1||ENG|||v|2|RXNORM|BN|3|",
}


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.table)
@pytest.mark.parametrize("with_sources", [False, True])
@pytest.mark.usefixtures("ansi")
def test_every_transform_gives_the_declared_columns(spark: SparkSession, transform: object, with_sources: bool) -> None:
    table = next(one for one in TRANSFORMS if one is transform)
    members = {name: [ONE_LINE[name]] for name in (*table.sources, *(("rxnsab",) if with_sources else ()))}
    if table.table == "rxnorm_attribute":
        members["rxnsat"] = ["1|||2|AUI|1|||RXN_STRENGTH|RXNORM|875 MG|N|4096|"]
    made = make(spark, table.table, **members)
    declared = [(column.name, column.type) for column in TABLES[table.table].columns if column not in LINEAGE]
    carried = {ROW_POSITION, VERSION}
    assert sorted(column for column in made.dtypes if column[0] not in carried) == sorted(declared)
    (row,) = made.rows
    assert (row["srl"], made.expected, made.reasons) == (0, 1, {})


def test_a_concept_has_the_name_that_rxnorm_gives_it(spark: SparkSession) -> None:
    made = make(spark, "rxnorm_concept", rxnconso=lines_of(CONSO))
    concepts = {row["rxcui"]: row for row in made.rows}
    assert len(concepts) == made.expected == len({line.split("|")[0] for line in lines_of(CONSO)})
    metformin = concepts["861007"]
    assert (metformin["tty"], metformin["sab"]) == ("SCD", "RXNORM")
    assert metformin["preferred_name"] == "metformin hydrochloride 500 MG Oral Tablet"
    assert metformin["prescribable_name"] == "metFORMIN HCl 500 MG Oral Tablet"
    assert (metformin["sources"], metformin["atom_count"]) == (["MTHSPL", "RXNORM"], 5)
    assert (metformin["is_prescribable"], metformin["suppress_meaning"]) == (True, "ACTIVE")
    assert concepts["2646570"]["tty"] == "SCDFP"
    assert {row["preferred_name"] is None for row in made.rows} == {False}


def test_the_preferred_name_does_not_depend_on_the_order_of_the_rows(spark: SparkSession) -> None:
    lines = lines_of("RXNCONSO_2022-12-05.RRF")
    kept = ("rxcui", "preferred_rxaui", "preferred_name", "tty", "suppress", "is_prescribable")
    there, back = (
        sorted(tuple(row[name] for name in kept) for row in make(spark, "rxnorm_concept", rxnconso=order).rows)
        for order in (lines, lines[::-1])
    )
    assert there == back
    assert {row[0]: row[3] for row in there}["644"] == "IN"


def test_what_is_preferred_comes_first_by_source_kind_suppression_licence_and_number(spark: SparkSession) -> None:
    lines = [
        conso("1", "9", "VANDF", "IN", "va"),
        conso("1", "8", "RXNORM", "TMSY", "tall man"),
        conso("1", "7", "RXNORM", "IN", "gone", suppress="O"),
        conso("1", "6", "RXNORM", "NEWTYPE", "of a new type"),
        conso("2", "5", "RXNORM", "SY", "synonym"),
        conso("2", "4", "MTHSPL", "SU", "label"),
        conso("3", "10", "VANDF", "CD", "free"),
        conso("3", "9", "NDDF", "CDA", "licensed"),
        conso("3", "11", "MTHSPL", "DP", "free, later"),
    ]
    made = make(spark, "rxnorm_concept", rxnconso=lines)
    named = {row["rxcui"]: (row["preferred_name"], row["srl"]) for row in made.rows}
    assert named == {"1": ("of a new type", 0), "2": ("synonym", 0), "3": ("free", 0)}


def test_codes_of_the_structured_product_labels_are_unii_and_product_ndc(spark: SparkSession) -> None:
    rows = {row["rxaui"]: row for row in make(spark, "rxnorm_atom", rxnconso=lines_of(CONSO)).rows}
    assert len(rows) == 60
    assert (rows["2596370"]["unii"], rows["2596370"]["product_ndc"]) == ("362O9ITL9D", None)
    assert (rows["11423050"]["unii"], rows["11423050"]["product_ndc"]) == (None, "71335-1072")
    assert (rows["12343384"]["unii"], rows["12343384"]["product_ndc"]) == (None, None)
    assert {row["language"] for row in rows.values()} == {"ENG"}


def test_a_quote_is_a_character_like_any_other(spark: SparkSession) -> None:
    (row,) = make(spark, "rxnorm_atom", rxnconso=[conso("1", "2", "VANDF", "CD", '"SYRINGE 3/4" LONG')]).rows
    assert row["name"] == '"SYRINGE 3/4" LONG'


@pytest.mark.parametrize(
    ("flag", "meaning"),
    [
        ("N", "ACTIVE"),
        ("O", "OBSOLETE"),
        ("Y", "SUPPRESSED_BY_EDITOR"),
        ("E", "UNQUANTIFIED"),
        ("Z", "UNKNOWN"),
        ("", None),
    ],
)
def test_suppression_is_said_in_words(spark: SparkSession, flag: str, meaning: str | None) -> None:
    (row,) = make(spark, "rxnorm_atom", rxnconso=[conso("1", "2", "RXNORM", "IN", "x", suppress=flag)]).rows
    assert (row["suppress"], row["suppress_meaning"]) == (flag or None, meaning)


@pytest.mark.parametrize(("view", "told"), [("4096", True), ("", False), ("256", False), ("4352", True), ("x", None)])
@pytest.mark.usefixtures("ansi")
def test_the_content_view_tells_what_is_prescribable(spark: SparkSession, view: str, told: bool | None) -> None:
    (row,) = make(spark, "rxnorm_semantic_type", rxnsty=[f"1|T200|A1.3.3|Clinical Drug|AT1|{view}|"]).rows
    assert row["is_prescribable"] is told


def test_the_licence_is_the_rows_own_then_the_sources_then_the_published(spark: SparkSession) -> None:
    sources = [sab_line("NDDF", "3"), sab_line("MSH", "0"), sab_line("GS", "2", "a"), sab_line("GS", "3", "b")]
    told = {
        ("NDDF", "0"): (0, "ROW"),
        ("NDDF", ""): (3, "RXNSAB"),
        ("MSH", ""): (0, "RXNSAB"),
        ("GS", ""): (3, "RXNSAB"),
        ("MMSL", ""): (1, "PUBLISHED_LIST"),
        ("SNOMEDCT_US", "-"): (9, "PUBLISHED_LIST"),
        ("UNHEARD_OF", ""): (None, None),
    }
    lines = [conso(str(n), str(n), sab, "X", "x", srl) for n, (sab, srl) in enumerate(told)]
    rows = make(spark, "rxnorm_atom", rxnconso=lines, rxnsab=sources).rows
    assert [(row["srl"], row["srl_origin"]) for row in rows] == list(told.values())
    without = {row["sab"]: row["srl_origin"] for row in make(spark, "rxnorm_atom", rxnconso=lines[1:]).rows}
    assert without == dict.fromkeys(("NDDF", "GS", "MMSL", "SNOMEDCT_US"), "PUBLISHED_LIST") | {
        "MSH": None,
        "UNHEARD_OF": None,
    }


def test_the_release_of_2026_has_no_levels_and_they_are_told_all_the_same(spark: SparkSession) -> None:
    for table, member, name in (
        ("rxnorm_atom", "rxnconso", CONSO),
        ("rxnorm_relation", "rxnrel", "RXNREL.RRF"),
        ("rxnorm_attribute", "rxnsat", SAT),
    ):
        rows = make(spark, table, **{member: lines_of(name)}).rows
        assert {(row["srl"], row["srl_origin"]) for row in rows} == {(0, "PUBLISHED_LIST")}


def test_ndcs_and_other_attributes_are_told_apart_and_none_is_lost(spark: SparkSession) -> None:
    lines = lines_of(SAT)
    ndcs, others = (make(spark, table, rxnsat=lines) for table in ("rxnorm_ndc", "rxnorm_attribute"))
    in_file = sum("|NDC|" in line for line in lines)
    assert (len(ndcs.rows), ndcs.reasons) == (in_file, {"NOT_AN_NDC": 78 - in_file})
    assert (len(others.rows), others.reasons) == (78 - in_file, {"IS_AN_NDC": in_file})
    keys = {tuple(row[name] for name in TABLES["rxnorm_attribute"].grain) for row in others.rows}
    assert len(keys) == len(others.rows)
    dose_form = next(row for row in others.rows if row["attribute_value"] == "HL7T105")
    assert (dose_form["attribute_name"], dose_form["atui"], dose_form["code"]) == ("ORIG_CODE", "AT54431224", "317541")


def test_an_ndc_of_the_release_has_its_two_forms(spark: SparkSession) -> None:
    rows = {row["ndc_raw"]: row for row in make(spark, "rxnorm_ndc", rxnsat=lines_of(SAT)).rows}
    row = rows["00093227534"]
    assert (row["ndc11"], row["ndc12"], row["ndc_status_reason"]) == ("00093227534", "000093227534", "OK")
    assert (row["rxcui"], row["rxaui"], row["ndc_format"]) == ("562508", "12323923", "BARE_11")
    assert {(row["ndc_rank"], row["has_several_rxcui"]) for row in rows.values()} == {(1, False)}


def test_an_ndc_of_several_concepts_is_ranked_the_same_whatever_the_order(spark: SparkSession) -> None:
    lines = [
        sat("10", "1", "VANDF", "000023082503"),
        sat("9", "2", "RXNORM", "00023082503"),
        sat("9", "4", "MTHSPL", "0023-0825-03"),
        sat("30", "5", "NDDF", "00023082503"),
        sat("100", "3", "RXNORM", "00023082503", "O"),
        sat("100", "6", "RXNORM", "00023082503"),
        sat("7", "8", "CVX", "0023082503"),
    ]
    for order in (lines, lines[::-1]):
        rows = make(spark, "rxnorm_ndc", rxnsat=order).rows
        ranked = {row["rxaui"]: (row["ndc11"], row["ndc_rank"], row["has_several_rxcui"]) for row in rows}
        same = "00023082503"
        assert [ranked[rxaui][1] for rxaui in ("2", "6", "3", "4", "1", "5")] == [1, 2, 3, 4, 5, 6]
        assert {told[0] for rxaui, told in ranked.items() if rxaui != "8"} == {same}
        assert {told[2] for rxaui, told in ranked.items() if rxaui != "8"} == {True}
        assert ranked["8"] == (None, 1, False)


def test_rows_that_nothing_identifies_are_rejected_once(spark: SparkSession) -> None:
    lines = [
        "||||AUI|1|||NDC|RXNORM|00093227534|N||",
        "1|||2|AUI|1|||NDC|RXNORM||N||",
        "||||AUI|1|||LABELER|MTHSPL|x|N||",
        "1|||2|AUI|1||||MTHSPL|x|N||",
    ]
    assert make(spark, "rxnorm_ndc", rxnsat=lines).reasons == {"MISSING_SUBJECT": 1, "MISSING_NDC": 1, "NOT_AN_NDC": 2}
    told = {"MISSING_SUBJECT": 1, "MISSING_ATTRIBUTE_NAME": 1, "IS_AN_NDC": 2}
    assert make(spark, "rxnorm_attribute", rxnsat=lines).reasons == told
    names = [conso("", "2", "RXNORM", "IN", "x"), conso("1", "", "RXNORM", "IN", "x")]
    assert make(spark, "rxnorm_atom", rxnconso=names).reasons == {"MISSING_RXCUI": 1, "MISSING_RXAUI": 1}
    assert make(spark, "rxnorm_concept", rxnconso=names).reasons == {"MISSING_RXCUI": 1}


def test_history_of_concepts(spark: SparkSession) -> None:
    release = "RXNORM_15AA_150908F"
    lines = [f"1648576|{release}|{release}|1|1667351|", f"1721537|{release}|{release}|1|1721537|"]
    rows = make(spark, "rxnorm_concept_history", rxncui=lines).rows
    assert [(row["rxcui"], row["remapped_rxcui"], row["is_remapped"], row["cardinality"]) for row in rows] == [
        ("1648576", "1667351", True, 1),
        ("1721537", "1721537", False, 1),
    ]
    lines = ["||RXNORM|||1115469|1946519|", "1215928|4020521|VANDF|IN|CHERRY|1940310|235522|"]
    rows = make(spark, "rxnorm_concept_change", rxncuichanges=lines).rows
    assert [(row["rxaui"], row["changed_name"], row["new_rxcui"], row["srl"]) for row in rows] == [
        (None, None, "1946519", 0),
        ("1215928", "CHERRY", "235522", 0),
    ]


@pytest.mark.parametrize(
    ("text", "value", "flag"),
    [
        ("27-MAR-2009 16:40:45", "2009-03-27 16:40:45", None),
        ("06-jan-20 00:00:01", "2020-01-06 00:00:01", None),
        ("05-SEP-2017", "2017-09-05 00:00:00", None),
        ("", None, None),
        ("31-FEB-2009 16:40:45", None, "UNREADABLE"),
        ("27-MAR-2009 24:00:00", None, "UNREADABLE"),
        ("27-MAR-2009 at 16:40:45", None, "UNREADABLE"),
        ("16:40:45", None, "UNREADABLE"),
    ],
)
@pytest.mark.usefixtures("ansi")
def test_times_of_the_archive(spark: SparkSession, text: str, value: str | None, flag: str | None) -> None:
    (row,) = make(spark, "rxnorm_atom_archive", rxnatomarchive=[f"1|A1|x|{text}||||Y|ENG|||v|2|RXNORM|BN|3|"]).rows
    archived_at = str(row["archived_at"]) if row["archived_at"] else None
    assert (archived_at, row["archived_at_flag"], row["archived_at_raw"]) == (value, flag, text or None)
    assert (row["merged_to_rxcui"], row["is_brand"]) == ("3", True)


def test_a_source_lists_its_term_types(spark: SparkSession) -> None:
    values = {"rsab": "MTHSPL", "vsab": "MTHSPL_2017_10_27", "srl": "0", "ttyl": "DP,SU,MTH_RXN_DP", "curver": "Y"}
    line = "".join(f"{values.get(column['name'], '')}|" for column in MEMBERS["rxnsab"]["columns"])
    (row,) = make(spark, "rxnorm_source", rxnsab=[line]).rows
    assert (row["term_types"], row["attribute_names"]) == (["DP", "SU", "MTH_RXN_DP"], None)
    assert (row["is_current"], row["is_in_release"], row["srl_origin"]) == (True, None, "ROW")

"""Lists of a product: ingredients and pharmacological classes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import LONGEST_PARSED
from domains.cder import classes
from domains.cder.ingredients import split_list
from domains.cder.tests.support import BY_TABLE, Fields, bronze, kept, of, real_silver, silver

FEW_LARGE_BATCHES = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ONE = Decimal("1.0000000000")


def product(**fields: str | None) -> Fields:
    return {"product_id": "0002-0800_a", "product_ndc": "0002-0800", **fields}


@pytest.fixture(scope="module")
def ingredients(spark: SparkSession) -> list[Row]:
    return real_silver(spark, "cder_product_ingredient")


@pytest.fixture(scope="module")
def found_classes(spark: SparkSession) -> list[Row]:
    return real_silver(spark, "cder_product_class")


def told(rows: list[Row], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in sorted(rows, key=lambda row: row["ingredient_ordinal"])]


def test_a_semicolon_inside_parentheses_is_part_of_a_name(ingredients: list[Row]) -> None:
    rows = of(ingredients, product_ndc="72582-001")
    assert told(rows, "ingredient_ordinal", "substance_name", "strength_raw", "strength", "is_misaligned") == [
        (1, "GLYCERIN", "10", Decimal(10), False),
        (2, "HYDROLYZED SOY PROTEIN (ENZYMATIC; 2000 MW)", ".12", Decimal("0.12"), False),
    ]
    (row,) = of(ingredients, product_ndc="71028-0031")
    assert (row["substance_name"], row["is_misaligned"]) == ("POLY(METHYL METHACRYLATE; 450000 MW)", False)
    assert (row["directory"], row["denominator_quantity"]) == ("unfinished", Decimal(100))


def test_lists_of_different_lengths_are_kept_by_position_and_flagged(ingredients: list[Row]) -> None:
    rows = of(ingredients, product_ndc="42606-004")
    names = ("substance_name", "strength_raw", "strength_flag", "unit_raw", "unit_flag", "is_misaligned")
    assert told(rows, *names) == [
        (name, None, None, "/", "UNREADABLE", True)
        for name in (
            "FORESKIN FIBROBLAST (NEONATAL)",
            "BOVINE TYPE I COLLAGEN",
            "FORESKIN KERATINOCYTE (NEONATAL)",
        )
    ]
    assert {row["product_ndc"] for row in ingredients if row["is_misaligned"]} == {"42606-004"}


def test_a_product_may_have_a_substance_twice(ingredients: list[Row]) -> None:
    assert told(of(ingredients, product_ndc="10096-0241"), "substance_name", "strength") == [
        ("TITANIUM DIOXIDE", Decimal("0.155")),
        ("ZINC OXIDE", Decimal("0.345")),
        ("TITANIUM DIOXIDE", Decimal("0.165")),
        ("ZINC OXIDE", Decimal("0.36")),
    ]


@pytest.mark.parametrize(
    ("product_ndc", "unit", "expected"),
    [
        ("0002-1433", "mg/.5mL", ("mg", Decimal("0.5"), "mL")),
        ("0002-4453", "mg/1", ("mg", ONE, None)),
        ("0002-7510", "[iU]/mL", ("[iU]", ONE, "mL")),
        ("42346-100", "[hp_X]/59mL", ("[hp_X]", Decimal(59), "mL")),
        ("53209-2000", "mg/325mg", ("mg", Decimal(325), "mg")),
    ],
)
def test_units_are_taken_apart(
    ingredients: list[Row], product_ndc: str, unit: str, expected: tuple[object, ...]
) -> None:
    row = of(ingredients, product_ndc=product_ndc)[0]
    assert row["unit_raw"] == unit
    assert (row["numerator_unit"], row["denominator_quantity"], row["denominator_unit"]) == expected
    assert row["unit_flag"] is None


def test_units_and_strengths_beyond_the_rules_are_flagged_and_kept(spark: SparkSession) -> None:
    units = {
        "mg/10cm2": ("mg", Decimal(10), "cm2", None),
        "ug/cm2": ("ug", ONE, "cm2", None),
        "mg/5 mL": ("mg", Decimal(5), "mL", None),
        "mg /mL": ("mg", ONE, "mL", None),
        "mg / .5\u00a0fl oz": ("mg", Decimal("0.5"), "fl oz", None),
        "[hp_X] \t/\t1": ("[hp_X]", ONE, None, None),
        "mg/5 5mL": (None, None, None, "UNREADABLE"),
        " /mL": (None, None, None, "UNREADABLE"),
        "1/mL": ("1", ONE, "mL", None),
        "mg": (None, None, None, "UNREADABLE"),
        "mg/": (None, None, None, "UNREADABLE"),
        "mg/mL/h": (None, None, None, "UNREADABLE"),
        "mg/123456789012345mL": (None, None, None, "UNREADABLE"),
        "mg/1.5.2mL": (None, None, None, "UNREADABLE"),
    }
    rows = [product(substance_name="X", active_numerator_strength="1", active_ingred_unit=unit) for unit in units]
    names = ("numerator_unit", "denominator_quantity", "denominator_unit", "unit_flag")
    made = silver(spark, "cder_product_ingredient", {"cder_product": rows})
    written = {unit.strip(): expected for unit, expected in units.items()}
    assert {row["unit_raw"]: tuple(row[name] for name in names) for row in made} == written
    strengths = {
        "12345678901234.0123456789": (Decimal("12345678901234.0123456789"), None),
        "1.00000000001": (None, "UNREADABLE"),
        "123456789012345": (None, "UNREADABLE"),
        "1,000": (None, "UNREADABLE"),
        "-1": (None, "UNREADABLE"),
        "1e3": (None, "UNREADABLE"),
        "5.": (Decimal(5), None),
        ".": (None, "UNREADABLE"),
    }
    rows = [product(substance_name="X", active_numerator_strength=text) for text in strengths]
    made = silver(spark, "cder_product_ingredient", {"cder_product": rows})
    assert {row["strength_raw"]: (row["strength"], row["strength_flag"]) for row in made} == strengths


def test_an_empty_place_in_a_list_stays_a_place(spark: SparkSession) -> None:
    row = product(substance_name="A; ; C", active_numerator_strength="1; 2; ", active_ingred_unit="g/1;g/1;g/1")
    made = silver(spark, "cder_product_ingredient", {"cder_product": [row]})
    assert told(made, "substance_name", "strength_raw", "numerator_unit", "is_misaligned") == [
        ("A", "1", "g", False),
        (None, "2", "g", False),
        ("C", None, "g", False),
    ]


def test_products_without_substances_are_left_out_by_name(spark: SparkSession, ingredients: list[Row]) -> None:
    assert of(ingredients, product_ndc="0002-7335") == []
    rows = bronze(spark, {"cder_product": [product(substance_name="\u00a0"), product(active_ingred_unit="g/1")]})
    assert [row[0] for row in rows.select(BY_TABLE["cder_product_ingredient"].left_out()).collect()] == [
        "NO_SUBSTANCE",
        None,
    ]


@FEW_LARGE_BATCHES
@given(st.lists(st.text("();a ", max_size=14), min_size=1, max_size=80))
def test_items_are_as_many_as_counted_whatever_the_parentheses(spark: SparkSession, texts: list[str]) -> None:
    rows = bronze(spark, {"cder_product": [product(substance_name=text or None) for text in texts]})
    transform = BY_TABLE["cder_product_ingredient"]
    frame = kept(rows, transform)
    assert frame.agg(transform.expected()).collect()[0][0] == transform.transform(frame).count()
    split = spark.createDataFrame([(text,) for text in texts], "text string").select("text", split_list(F.col("text")))
    assert all(";".join(items) == text for text, items in split.collect())


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("A (B; C", ["A (B", " C"]),
        ("A; B) C; D", ["A", " B) C", " D"]),
        ("A (B (C; D); E); F", ["A (B (C; D); E)", " F"]),
        ("(A (B; C); D", ["(A (B; C)", " D"]),
    ],
)
def test_only_a_closed_parenthesis_protects(spark: SparkSession, text: str, items: list[str]) -> None:
    frame = spark.createDataFrame([(text,)], "text string")
    assert frame.select(split_list(F.col("text"))).collect()[0][0] == items


def class_rows(rows: list[Row], product_ndc: str) -> list[tuple[object, ...]]:
    chosen = sorted(of(rows, product_ndc=product_ndc), key=lambda row: row["class_ordinal"])
    return [(row["class_name"], row["class_type"]) for row in chosen]


def test_a_comma_inside_a_class_name_is_part_of_it(found_classes: list[Row]) -> None:
    assert class_rows(found_classes, "0025-1411") == [
        ("Cyclooxygenase Inhibitors", "MoA"),
        ("Decreased Prostaglandin Production", "PE"),
        ("Anti-Inflammatory Agents, Non-Steroidal", "CS"),
        ("Nonsteroidal Anti-inflammatory Drug", "EPC"),
        ("Prostaglandin E1 Analog", "EPC"),
        ("Prostaglandins E, Synthetic", "CS"),
    ]
    assert ("Vaccines, Attenuated", "CS") in class_rows(found_classes, "0006-4826")
    assert class_rows(found_classes, "42606-004").count(("Cells, Cultured, Allogeneic", "EXT")) == 2


def test_every_type_is_known_and_nothing_is_cut_off(found_classes: list[Row]) -> None:
    assert {row["class_type"] for row in found_classes} == set(classes.TYPES)
    assert {row["class_flag"] for row in found_classes} == {None}
    assert all(row["class_text"] == f"{row['class_name']} [{row['class_type']}]" for row in found_classes)
    assert class_rows(found_classes, "0002-7510")[0] == ("Insulin", "Chemical/Ingredient")


def test_classes_that_break_the_rules_are_flagged_and_kept(spark: SparkSession) -> None:
    text = "Azoles [CS], Azole Antifungal[EPC] ,New Kind [XYZ],No type, at all,[PE],Untyped, too, "
    made = silver(spark, "cder_product_class", {"cder_product": [product(pharm_classes=text)]})
    rows = sorted(made, key=lambda row: row["class_ordinal"])
    assert [(row["class_name"], row["class_type"], row["class_flag"]) for row in rows] == [
        ("Azoles", "CS", None),
        ("Azole Antifungal", "EPC", None),
        ("New Kind", "XYZ", "UNKNOWN_TYPE"),
        ("No type, at all,", "PE", None),
        ("Untyped, too", None, "UNTYPED"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Foo [EPC],,Bar [CS]", [("Foo", "EPC"), ("Bar", "CS")]),
        ("Foo [EPC];Bar [CS]", [("Foo", "EPC"), ("Bar", "CS")]),
        (",Foo [EPC] ; , Bar, or Baz [CS];", [("Foo", "EPC"), ("Bar, or Baz", "CS")]),
        ("Foo [EPC]\u00a0      ,\tBar [CS]", [("Foo", "EPC"), ("Bar", "CS")]),
        ("Foo; Bar\u00a0[CS]", [("Foo; Bar", "CS")]),
        (" ;, ", []),
    ],
)
def test_what_stands_between_two_classes_is_part_of_neither(
    spark: SparkSession, text: str, expected: list[tuple[str, str]]
) -> None:
    made = silver(spark, "cder_product_class", {"cder_product": [product(pharm_classes=text)]})
    assert class_rows(made, "0002-0800") == expected
    assert {row["class_flag"] for row in made} <= {None}


def test_a_list_too_long_to_be_taken_apart_is_kept_whole_and_flagged(spark: SparkSession) -> None:
    classes_text = f"A{' ' * LONGEST_PARSED}[EPC],B [CS]"
    rows = [product(pharm_classes=classes_text), product(pharm_classes=classes_text[:10] + "[EPC],B [CS]")]
    whole, *apart = silver(spark, "cder_product_class", {"cder_product": rows})
    names = ("class_text", "class_name", "class_type", "class_flag")
    assert tuple(whole[name] for name in names) == (classes_text, classes_text, None, "TOO_LONG")
    assert [row["class_flag"] for row in apart] == [None, None]
    substances = "(A;B);" * (LONGEST_PARSED // 6 + 1)
    listed = product(substance_name=substances, active_numerator_strength="1", active_ingred_unit="mg/mL;g")
    (row,) = silver(spark, "cder_product_ingredient", {"cder_product": [listed]})
    assert (row["substance_name"], row["strength_raw"], row["unit_raw"]) == (substances, "1", "mg/mL;g")
    assert (row["strength"], row["numerator_unit"], row["denominator_quantity"]) == (None, None, None)
    assert (row["strength_flag"], row["unit_flag"], row["ingredient_ordinal"]) == ("TOO_LONG", "TOO_LONG", 1)


def test_products_without_classes_are_left_out_by_name(spark: SparkSession, found_classes: list[Row]) -> None:
    assert of(found_classes, product_ndc="0002-0800") == []
    rows = bronze(spark, {"cder_product": [product(), product(pharm_classes="A [PE]")]})
    assert [row[0] for row in rows.select(classes.left_out()).collect()] == ["NO_CLASS", None]


@FEW_LARGE_BATCHES
@given(
    st.lists(
        st.lists(st.sampled_from(["a", " [PE]", ",", " ", "[", "]", "[EXT]", ", b", ";", "\u00a0"]), max_size=9).map(
            "".join
        ),
        min_size=1,
    )
)
def test_classes_are_as_many_as_counted_whatever_the_text(spark: SparkSession, texts: list[str]) -> None:
    rows = bronze(spark, {"cder_product": [product(pharm_classes=text or None) for text in texts]})
    transform = BY_TABLE["cder_product_class"]
    frame = kept(rows, transform)
    assert frame.agg(transform.expected()).collect()[0][0] == transform.transform(frame).count()

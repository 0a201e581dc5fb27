from __future__ import annotations

import pytest

from _shared.contracts.errors import EmptyMemberError, SchemaDriftError
from _shared.contracts.source import Member, ParseContract, SourceColumn
from _shared.glue_lib.schema_utils import HEADER_BYTES, columns_in_file_order, parse_header

MEMBER = Member(
    "nsde",
    "*.csv",
    (
        SourceColumn("item_code", "Item Code"),
        SourceColumn("citation", "Application Number or Citation", ("Application Number or Monograph ID",)),
        SourceColumn("product_type", "Product Type"),
    ),
)
HEADER = ("Item Code", "Application Number or Citation", "Product Type")


def test_byte_order_mark_white_space_and_carriage_return_are_no_part_of_a_header() -> None:
    head = b'\xef\xbb\xbfItem Code, "Application, Number" ,Product Type\r\n1,2,3\r\n'
    assert parse_header(head, ParseContract(), "utf-8", "nsde: a.csv")[0] == "Item Code"
    assert parse_header(head, ParseContract(), "utf-8", "nsde: a.csv")[-1] == "Product Type"


def test_quotes_are_literal_where_the_contract_has_none() -> None:
    assert parse_header(b'a"\tb\n', ParseContract("\t", "", ("cp1252",)), "cp1252", "x") == ('a"', "b")


def test_a_file_without_bytes_is_named() -> None:
    with pytest.raises(EmptyMemberError, match=r"nsde: a\.csv is empty"):
        parse_header(b"", ParseContract(), "utf-8", "nsde: a.csv")


def test_a_file_that_is_one_endless_line_is_refused() -> None:
    with pytest.raises(SchemaDriftError, match="no line feed in its first"):
        parse_header(b"x" * HEADER_BYTES, ParseContract(), "utf-8", "nsde: a.csv")


def test_aliases_are_accepted_and_other_orders_are_followed() -> None:
    header = ("Product Type", "Application Number or Monograph ID", "Item Code")
    assert columns_in_file_order(header, MEMBER, "nsde", "a.csv") == ("product_type", "citation", "item_code")


def test_a_renamed_column_is_named_with_position_found_expected_and_remedy() -> None:
    with pytest.raises(SchemaDriftError) as raised:
        columns_in_file_order(("Item Code", "X", "Product Type"), MEMBER, "nsde", "a.csv")
    assert str(raised.value) == (
        "nsde: a.csv: column 2 is 'X', expected 'Application Number or Citation' or one of its aliases "
        "['Application Number or Monograph ID']; change members in domains/nsde/config/dataset.json: "
        "an alias where the source renamed a column, columns where it added or dropped one"
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER[:2], "there is no column 'Product Type'"),
        ((*HEADER, "New"), "column 4 is 'New', which is not declared"),
        ((*HEADER, "Item Code"), "column 'Item Code' .* is there twice"),
        ((*HEADER, "Application Number or Monograph ID"), "'Application Number or Citation' .* is there twice"),
        (("item code", *HEADER[1:]), "column 1 is 'item code', expected 'Item Code'"),
        (("Item Code\r1", *HEADER[1:]), "column 1 is"),
    ],
)
def test_missing_unknown_and_repeated_columns_stop_the_run(header: tuple[str, ...], message: str) -> None:
    with pytest.raises(SchemaDriftError, match=message):
        columns_in_file_order(header, MEMBER, "nsde", "a.csv")

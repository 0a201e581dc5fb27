"""The CDER configuration compared with FDA's archives."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

CONFIG: dict[str, Any] = json.loads((Path(__file__).parents[1] / "config/dataset.json").read_text("utf-8"))
MEMBERS = {member["table"]: member for source in CONFIG["sources"] for member in source["members"]}
REAL_ROWS = Path(__file__).parent / "rows"


def headers(table: str, *, optional: bool = True) -> list[str]:
    return [c["header"] for c in MEMBERS[table]["columns"] if optional or not c.get("optional")]


def test_the_finished_drugs_are_the_one_source_that_must_be_there() -> None:
    assert {source["name"]: source.get("optional", False) for source in CONFIG["sources"]} == {
        "finished": False,
        "excluded": True,
        "unfinished": True,
    }


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("cder_product", 20),
        ("cder_package", 8),
        ("cder_excluded_product", 20),
        ("cder_excluded_package", 8),
        ("cder_unfinished_product", 14),
        ("cder_unfinished_package", 6),
    ],
)
def test_every_file_has_its_number_of_columns(table: str, columns: int) -> None:
    assert len(headers(table)) == columns


@pytest.mark.parametrize("table", ["cder_product", "cder_package", "cder_unfinished_product"])
def test_the_declared_headers_are_those_of_the_real_file(table: str) -> None:
    (line, *_) = (REAL_ROWS / MEMBERS[table]["pattern"]).read_text("cp1252").splitlines()
    assert line.split("\t") == headers(table)


def test_the_unfinished_packages_of_2018_have_no_dates() -> None:
    (line, *_) = (REAL_ROWS / "unfinished_package.txt").read_text("cp1252").splitlines()
    assert line.split("\t") == headers("cder_unfinished_package", optional=False)


@pytest.mark.parametrize(
    ("source", "archive"),
    [
        ("finished", ["product.txt", "package.txt"]),
        ("excluded", ["Packages_excluded.txt", "Products_excluded.txt"]),
        (
            "unfinished",
            ["unfinished_package.txt", "unfinished_package.xls", "unfinished_product.txt", "unfinished_product.xls"],
        ),
    ],
)
def test_each_member_matches_one_file_and_never_its_xls_twin(source: str, archive: list[str]) -> None:
    (declared,) = [found for found in CONFIG["sources"] if found["name"] == source]
    for member in declared["members"]:
        (name,) = [name for name in archive if fnmatchcase(name, member["pattern"])]
        assert name.endswith(".txt")


def test_quotes_are_literal_and_no_encoding_takes_every_byte() -> None:
    for member in MEMBERS.values():
        assert (member["parse"]["delimiter"], member["parse"]["quote"]) == ("\t", "")
        for encoding in member["parse"]["encodings"]:
            with pytest.raises(UnicodeDecodeError):
                b"Laboratories \x81".decode(encoding)

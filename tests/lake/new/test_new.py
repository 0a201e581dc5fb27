"""``lake new``: how a file is written, names for its columns, and the folder of its dataset."""

from __future__ import annotations

import csv
import doctest
import io
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.datasets import load_dataset
from config.dictionary import outdated
from config.release.members import IDENTIFIER
from lake import exit_codes
from lake.errors import UserMistakeError
from lake.new import columns
from lake.new.columns import column_names
from lake.new.delimited import MOST_RECORDS, shape_of
from lake.new.source_file import HEAD_BYTES, read_source
from tests.bad_input.configuration import SMALLEST
from tests.dataset_files import write_dataset
from tests.lake.support import lake


@pytest.mark.parametrize(
    ("body", "encoding", "delimiter", "quote", "headers", "records"),
    [
        (b"A,B\r\n1,2\r\n3,4\r\n", "utf-8", ",", '"', ("A", "B"), 2),
        (b"A\tB\n1\t2,5\n3\t4,5", "utf-8", "\t", "", ("A", "B"), 2),
        (b'A\tB\n"1"\t2\n', "utf-8", "\t", '"', ("A", "B"), 1),
        (b"A;B\n1,5;2\n", "utf-8", ";", "", ("A", "B"), 1),
        (b"A|B|\n1|2|\n", "utf-8", "|", "", ("A", "B"), 1),
        (b'A,B\n"1\n2",3\n', "utf-8", ",", '"', ("A", "B"), 1),
        (b"A\n1\n2\n", "utf-8", ",", '"', ("A",), 2),
        (b"\xef\xbb\xbfA,B\n1,2\n", "utf-8", ",", '"', ("A", "B"), 1),
        ("A,B\nDr. Reddy\u2019s,2\n".encode("cp1252"), "cp1252", ",", '"', ("A", "B"), 1),
        (b'A\tB\n2" tube\t1\n"RED" dye\t2\n"x\t3\n', "utf-8", "\t", "", ("A", "B"), 3),
    ],
    ids=["comma", "tab", "quoted tab", "semicolon", "bar at the end", "line feed in quotes", "one column", "mark",
         "Windows-1252", "stray quotes"],
)  # fmt: skip
def test_a_file_is_recognised_by_its_start(  # noqa: PLR0917
    body: bytes, encoding: str, delimiter: str, quote: str, headers: tuple[str, ...], records: int
) -> None:
    shape = shape_of(body, "a.csv", whole=True)
    assert (shape.encoding, shape.delimiter, shape.quote) == (encoding, delimiter, quote)
    assert (shape.headers, shape.records) == (headers, records)
    assert shape.trailing_delimiter == (b"|\n" in body)


def test_a_file_without_header_has_numbered_columns() -> None:
    shape = shape_of(b"1|x|\n2|y|\n", "a.rrf", whole=True, header=False)
    assert (shape.headers, shape.records, shape.header) == (("Column 1", "Column 2"), 2, False)


def test_a_cut_last_line_is_no_record_and_a_cut_character_no_other_encoding() -> None:
    body = "A,B\n1,2\n3,\u00e9".encode()[:-1]
    shape = shape_of(body, "a.csv", whole=False)
    assert (shape.encoding, shape.lines, shape.records) == ("utf-8", b"A,B\n1,2\n", 1)


def test_a_sample_leaves_out_lines_that_break_the_contract() -> None:
    shape = shape_of(b"A,B\n1,2\n1,2,3\n4,5\n", "a.csv", whole=True)
    assert (shape.lines, shape.records) == (b"A,B\n1,2\n4,5\n", 2)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b" \n", "a.csv is empty"),
        (b"A,B\n", "a.csv has no rows"),
        ("A,B\n1,2\n".encode("utf-16"), "NUL bytes"),
        (b"<!DOCTYPE html><html>", "is a page"),
        (b"A,B\n\x81\xff,2\n", "none of the encodings"),
        (b"A,B\n1\n2\n3\n", "same number of fields"),
        (b"A,\n1,2\n", "column 2 is empty"),
        (b"A,A\n1,2\n", "column 2 is 'A', as another is"),
        (b"A,2019\n1,2\n", "column 2 is '2019', a number"),
    ],
)
def test_what_is_no_delimited_text_with_a_header_is_told(body: bytes, message: str) -> None:
    with pytest.raises(UserMistakeError, match=message):
        shape_of(body, "a.csv", whole=True)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.text('ab ,"\n\u00e9', max_size=5), min_size=2, max_size=2), min_size=1, max_size=20),
)
def test_what_the_csv_module_writes_is_read_again(rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["Name", "Other"], *rows])
    shape = shape_of(written.getvalue().encode(), "a.csv", whole=True)
    assert (shape.headers, shape.records) == (("Name", "Other"), len(rows))


def test_examples_of_column_names() -> None:
    assert doctest.testmod(columns) == (0, 1)


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=8))
def test_column_names_are_identifiers_and_differ(headers: list[str]) -> None:
    names = column_names(headers)
    assert all(IDENTIFIER.fullmatch(name) and not name.startswith("meta_") for name in names)
    assert len(set(names)) == len(headers)
    assert not {"run", "version", "quarantine_reason"} & set(names)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project: no dataset yet."""
    monkeypatch.setattr("lake.commands.new.project_root", lambda: tmp_path)
    (tmp_path / "domains").mkdir()
    return tmp_path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of the second of May 2019 with a file of 1,200 rows and a page about it."""
    path = tmp_path / "Pill names.zip"
    with zipfile.ZipFile(path, "w") as content:
        content.writestr("pills_2019.txt", "Pill Name\tNDC\r\n" + "".join(f"pill {n}\t{n}\r\n" for n in range(1200)))
        content.writestr("about.html", "<html></html>")
    os.utime(path, (1_556_755_200, 1_556_755_200))
    return path


def new(*arguments: str) -> tuple[int, Any]:
    result = lake("new", *arguments, "--json")
    return result.exit_code, json.loads(result.stdout)


def test_a_file_becomes_a_folder_that_is_a_valid_dataset(root: Path, archive: Path) -> None:
    code, told = new("pills", "--from", str(archive))
    assert (code, told["columns"], told["sample_rows"]) == (exit_codes.OK, 2, MOST_RECORDS)
    folder = root / "domains" / "pills"
    assert told["files"] == [
        f"domains/pills/{name}"
        for name in (
            "README.md",
            "__init__.py",
            "config/dataset.json",
            "config/tables/pills.json",
            "samples/2019-05-02/Pill_names.zip",
            "tests/__init__.py",
            "tests/test_pills.py",
            "transforms.py",
        )
    ]
    config = load_dataset("pills", root / "domains")
    assert config.sources[0].url == "http://127.0.0.1:8417/pills/samples/2019-05-02/Pill_names.zip"
    assert config.environments == ("local",)
    (member,) = config.members
    assert (member.pattern, member.parse.delimiter, member.parse.quote) == ("*.txt", "\t", "")
    assert [(column.name, column.header) for column in member.columns] == [("pill_name", "Pill Name"), ("ndc", "NDC")]
    assert list(outdated(["pills"], root / "domains")) == []
    with zipfile.ZipFile(folder / "samples/2019-05-02/Pill_names.zip") as sample:
        lines = sample.read("pills_2019.txt").split(b"\r\n")
    assert (lines[0], len(lines)) == (b"Pill Name\tNDC", 1 + MOST_RECORDS + 1)
    for name in ("transforms.py", "tests/test_pills.py"):
        compile((folder / name).read_text("utf-8"), name, "exec")
    assert not re.search(r"meta_(?!row_position)", (folder / "config/tables/pills.json").read_text("utf-8"))


def test_an_address_is_where_the_dataset_is_fetched_from_and_its_host_has_to_be_allowed(
    root: Path, archive: Path
) -> None:
    code, told = new("pills", "--from", str(archive), "--url", "https://pills.example/names.zip")
    assert (code, told["source_url"]) == (exit_codes.OK, "https://pills.example/names.zip")
    assert load_dataset("pills", root / "domains").environments == ()
    assert "edit config/dev.json config/local.json config/prod.json" in told["next"]
    allowed = new("more", "--from", str(archive), "--url", "https://download.open.fda.gov/names.zip")[1]
    assert not [step for step in allowed["next"] if "config/dev.json" in step]


def test_people_are_told_what_to_do_next(root: Path, archive: Path) -> None:
    result = lake("new", "pills", "--from", str(archive))
    assert result.exit_code == exit_codes.OK
    assert root.name not in result.stdout
    for command in ("python -m pytest domains/pills", "lake deploy pills", "lake run pills", "FROM pills LIMIT 5"):
        assert command in result.stdout


def test_a_file_that_is_no_archive_stays_as_it_is(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"Day,Price\n2019-05-01,1\n")
    assert new("prices", "--from", str(path))[0] == exit_codes.OK
    (sample,) = (root / "domains/prices/samples").glob("*/prices.csv")
    assert sample.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["Pills", "p", "9pills", "pill names", "../pills", "p" * 21])
def test_a_name_that_no_dataset_can_have_is_refused(root: Path, archive: Path, name: str) -> None:
    code, told = new(name, "--from", str(archive))
    assert (code, told["error"]) == (exit_codes.USAGE, "UserMistakeError")
    assert told["remedy"] == "give 2 to 20 lower-case letters and digits, a letter first, such as unii"
    assert list((root / "domains").iterdir()) == []


def test_a_folder_that_exists_and_a_table_of_another_dataset_are_left_alone(root: Path, archive: Path) -> None:
    write_dataset(root / "domains", SMALLEST)
    code, told = new("sample", "--from", str(archive))
    assert (code, told["what"]) == (exit_codes.USAGE, "domains/sample exists")
    write_dataset(root / "domains", {**SMALLEST, "dataset": "other", "tables": {"pills": SMALLEST["tables"]["sample"]},
                                     "members": [{**SMALLEST["members"][0], "table": "other"}]}, "other")  # fmt: skip
    code, told = new("pills", "--from", str(archive))
    assert code != exit_codes.OK
    assert "domains/other/config/tables/pills.json and domains/pills/config/tables/pills.json" in told["what"]
    assert sorted(path.name for path in (root / "domains").iterdir()) == ["other", "sample"]


def test_what_cannot_be_read_is_told(root: Path, archive: Path, tmp_path: Path) -> None:
    assert new("pills", "--from", "nowhere.csv")[1]["what"] == "--from nowhere.csv: no such file"
    assert "has no such file" in new("pills", "--from", str(archive), "--member", "x.txt")[1]["what"]
    assert (
        new("pills", "--from", str(archive), "--url", "pills.example")[1]["what"] == "--url pills.example: no address"
    )
    assert "cannot be downloaded" in new("pills", "--from", "http://127.0.0.1:1/x.csv")[1]["what"]
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as content:
        content.writestr("a.csv", "A\n1\n")
        content.writestr("b.csv", "A\n1\n")
    told = new("pills", "--from", str(tmp_path / "two.zip"))[1]
    assert "several files that a table can be made of: a.csv, b.csv" in told["what"]
    assert "--member" in told["remedy"]
    assert new("pills", "--from", str(tmp_path / "two.zip"), "--member", "b.csv")[0] == exit_codes.OK
    assert load_dataset("pills", root / "domains").members[0].pattern == "b.csv"


def test_only_the_start_of_a_large_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"A,B\n" + b"1,2\n" * HEAD_BYTES)
    found = read_source(str(path), None)
    assert (len(found.head), found.whole) == (HEAD_BYTES, False)

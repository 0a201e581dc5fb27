"""Mistakes in ``dataset.json``."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.bad_input.case import ConfigCase

Document = dict[str, Any]
Change = Callable[[Document], object]

ROW_POSITION = {"name": "meta_row_position", "type": "bigint", "comment": "Position in the file"}
CODE = {"name": "code", "type": "string", "comment": "The code"}
COLUMN = {"name": "code", "header": "Code"}
SMALLEST: Document = {
    "dataset": "sample",
    "source_url": "https://download.open.fda.gov/sample.zip",
    "members": [{"table": "sample", "pattern": "*.csv", "columns": [{**COLUMN, "aliases": ["CODE"]}]}],
    "silver_tables": [
        {"name": "sample", "description": "One row per code", "grain": ["code"], "columns": [CODE, ROW_POSITION]}
    ],
}
"""The least that a dataset must say."""

_FILE = "domains/sample/config/dataset.json: "
_REMEDY = "correct the file; nothing was changed by reading it"
_IDENTIFIER = "expected lower-case letters, digits and underscores, a letter first"
_ENCODING = "expected an encoding that writes ASCII as ASCII, such as utf-8, ascii, cp1252 or iso8859-1"
_SCHEDULE = "expected six cron fields with one of the days ?, like cron(30 6 * * ? *), or rate(1 day), or at(…)"
_SIZES = "expected one of small, medium, large, xlarge"


def broken(id_: str, what: str, sees: str, body: bytes) -> ConfigCase:
    """Make a case of a file that is no JSON object."""
    return ConfigCase(id_, what, "ConfigError", f"{_FILE}{sees}", _REMEDY, body=body)


def changed(id_: str, what: str, sees: str, change: Change, do: str = "") -> ConfigCase:
    """Make a case of the smallest file with one change."""
    document = copy.deepcopy(SMALLEST)
    change(document)
    return ConfigCase(id_, what, "ConfigError", f"{_FILE}{sees}", do, body=json.dumps(document).encode())


def top(key: str, value: object) -> Change:
    """Set a key of the document."""
    return lambda document: document.update({key: value})


def member(key: str, value: object) -> Change:
    """Set a key of the member."""
    return lambda document: document["members"][0].update({key: value})


def parse(**values: object) -> Change:
    """Set the member's parse contract."""
    return member("parse", values)


def column(**values: object) -> Change:
    """Change the member's only column."""
    return member("columns", [{**COLUMN, **values}])


def table(key: str, value: object) -> Change:
    """Set a key of the silver table."""
    return lambda document: document["silver_tables"][0].update({key: value})


def silver_column(**values: object) -> Change:
    """Change the silver table's column of codes."""
    return lambda document: document["silver_tables"][0]["columns"][0].update(values)


def quality(**values: object) -> Change:
    """Set the thresholds."""
    return top("data_quality", values)


def twice(key: str) -> Change:
    """Repeat the first element of a list."""
    return lambda document: document[key].append(copy.deepcopy(document[key][0]))


def add_columns(*columns: Document) -> Change:
    """Give the silver table more columns."""
    return lambda document: document["silver_tables"][0]["columns"].extend(columns)


DATASETS = (
    broken("empty file", "an empty file", "not valid JSON: Expecting value: line 1 column 1 (char 0)", b""),
    broken("bad JSON", "bad JSON",
           "not valid JSON: Expecting property name enclosed in double quotes: line 1 column 22 …",
           b'{"dataset": "sample",}'),
    broken("not UTF-8 (JSON)", "bytes that are not UTF-8", "not valid JSON: 'utf-8' codec can't decode byte 0xff …",
           b'{"dataset": "\xff"}'),
    broken("too deep", "JSON that is nested too deep", "not valid JSON: maximum recursion depth exceeded …",
           b"[" * 9999),
    broken("array", "JSON that is no object", "expected a JSON object, found list", b"[]"),
    broken("key twice", "a key that stands twice", "title: the key stands twice in one object",
           b'{"title": "a", "title": "b"}'),
    changed("other dataset", "the name of another folder",
            "dataset: expected 'sample', the folder's name (found 'other')",
            top("dataset", "other")),
    changed("unknown key", "an unknown key", "colour: unknown key: correct its spelling or take it out (found 'blue')",
            top("colour", "blue")),
    changed("unknown key inside", "an unknown key of a member",
            "members.0.colour: unknown key: correct its spelling or take it out (found 'blue')", member("colour",
            "blue")),
    changed("missing key", "a missing key", "source_url: required, and missing",
            lambda document: document.pop("source_url")),
    changed("missing key inside", "a missing key of a member", "members.0.pattern: required, and missing",
            lambda document: document["members"][0].pop("pattern")),
    changed("null", "null instead of a value", "members: Input should be a valid array (found None)", top("members",
            None)),
    changed("text for a number", "a number in quotes", "number_of_workers: Input should be a valid integer (found '5')",
            top("number_of_workers", "5")),
    changed("fraction for a whole number", "a fraction where a whole number is due",
            "number_of_workers: Input should be a valid integer… (found 2.5)", top("number_of_workers", 2.5)),
    changed("text for a list", "a text where a list is due",
            "members.0.columns.0.aliases: Input should be a valid array (found 'CODE')", column(aliases="CODE")),
    changed("size of another type", "a size that is no text", f"data_size_category: {_SIZES} (found [])",
            top("data_size_category", [])),
    changed("unknown size", "an unknown size", f"data_size_category: {_SIZES} (found 'huge')",
            top("data_size_category", "huge")),
    changed("one worker", "fewer than two workers", "number_of_workers: expected at least 2 (found 1)",
            top("number_of_workers", 1)),
    changed("worker type", "an unknown worker type", "worker_type: expected one of G.1X, … (found 'Z.1X')",
            top("worker_type", "Z.1X")),
    changed("Glue version", "a Glue version that the jobs are not written for",
            "glue_version: expected one of 5.0, 5.1 (found '4.0')", top("glue_version", "4.0")),
    changed("time-out", "a time-out of 0 minutes", "job_timeout_minutes: expected 1 to 10080 (found 0)",
            top("job_timeout_minutes", 0)),
    changed("display name", "a display name with spaces",
            "display_name: expected letters, digits and hyphens, a letter first (found 'My data')",
            top("display_name", "My data")),
    changed("database name", "a database name that Athena would have to quote",
            f"database_name: {_IDENTIFIER} (found 'My-DB')", top("database_name", "My-DB")),
    changed("job name", "an empty job name", "bronze_job_name: expected 1 to 128 letters, … (found '')",
            top("bronze_job_name", "")),
    changed("job names alike", "both jobs of one name",
            "silver_job_name: expected a name other than bronze_job_name (found 'sample-bronze-job')",
            top("silver_job_name", "sample-bronze-job")),
    changed("schedule in words", "a schedule that is no expression",
            f"schedule.expression: {_SCHEDULE} (found 'daily')",
            top("schedule", {"expression": "daily"})),
    changed("five cron fields", "a cron expression of five fields",
            f"schedule.expression: {_SCHEDULE} (found 'cron(0 6 * * *)')", top("schedule",
            {"expression": "cron(0 6 * * *)"})),
    changed("both days", "a cron expression that sets both days",
            f"schedule.expression: {_SCHEDULE} (found 'cron(0 6 * * * *)')",
            top("schedule", {"expression": "cron(0 6 * * * *)"})),
    changed("rate", "a rate of no time", f"schedule.expression: {_SCHEDULE} (found 'rate(0 days)')",
            top("schedule", {"expression": "rate(0 days)"})),
    changed("no such day", "a day that is in no calendar",
            f"schedule.expression: {_SCHEDULE} (found 'at(2026-02-30T06:30:00)')",
            top("schedule", {"expression": "at(2026-02-30T06:30:00)"})),
    changed("time zone", "an unknown time zone",
            "schedule.time_zone: expected an IANA time zone such as America/New_York (found 'Mars/Phobos')",
            top("schedule", {"expression": "rate(1 day)", "time_zone": "Mars/Phobos"})),
    changed("no members", "no members", "members: expected at least one member (found [])", top("members", [])),
    changed("member twice", "two members of one table", "members.table: expected each table once (found 'sample')",
            twice("members")),
    changed("member's table", "a table name with spaces", f"members.0.table: {_IDENTIFIER} (found 'No Spaces')",
            member("table", "No Spaces")),
    changed("pattern", "an empty pattern", "members.0.pattern: expected a shell pattern such as *.csv (found '')",
            member("pattern", "")),
    changed("no columns", "no columns", "members.0.columns: expected at least one column (found [])",
            member("columns", [])),
    changed("column twice", "two columns of one name", "members.0.columns.name: expected each name once (found 'code')",
            member("columns", [COLUMN, {**COLUMN, "header": "Other"}])),
    changed("header twice", "two columns of one header",
            "members.0.columns.header: expected each header once (found 'Code')",
            member("columns", [COLUMN, {**COLUMN, "name": "other"}])),
    changed("header with white space", "a header with white space around it",
            "members.0.columns.header: expected a text without white space around it, … (found ' Code')",
            column(header=" Code")),
    changed("column name", "a column name that Athena would have to quote",
            f"members.0.columns.name: {_IDENTIFIER} (found 'Item Code')", column(name="Item Code")),
    changed("platform's column", "a column name that the platform uses itself",
            "members.0.columns.name: expected a name that the platform's own columns do not have (found 'meta_run_id')",
            column(name="meta_run_id")),
    changed("delimiter", "a delimiter of two characters",
            "members.0.parse.delimiter: expected one character that ends no line (found '||')", parse(delimiter="||")),
    changed("newline as delimiter", "a delimiter that ends lines",
            "members.0.parse.delimiter: expected one character that ends no line (found '\\n')", parse(delimiter="\n")),
    changed("quote", "a quote of two characters",
            "members.0.parse.quote: expected one character or none (found \"''\")", parse(quote="''")),
    changed("quote as delimiter", "one character as quote and delimiter",
            "members.0.parse.quote: expected another character than the delimiter (found ',')", parse(quote=",")),
    changed("no encodings", "no encodings", "members.0.parse.encodings: expected at least one encoding (found [])",
            parse(encodings=[])),
    changed("unknown encoding", "an unknown encoding", f"members.0.parse.encodings: {_ENCODING} (found 'utf-9')",
            parse(encodings=["utf-9"])),
    changed("encoding without lines", "an encoding in which lines cannot be found",
            f"members.0.parse.encodings: {_ENCODING} (found 'utf-16')", parse(encodings=["utf-16"])),
    changed("no tables", "no silver tables", "silver_tables: expected at least one table (found [])",
            top("silver_tables", [])),
    changed("table twice", "two silver tables of one name",
            "silver_tables.name: expected each name once (found 'sample')", twice("silver_tables")),
    changed("table name", "a silver table's name that begins with a digit",
            f"silver_tables.0.name: {_IDENTIFIER} (found '9')", table("name", "9")),
    changed("no grain", "no grain", "silver_tables.0.grain: expected at least one column (found [])", table("grain",
            [])),
    changed("grain of no column", "a grain column that does not exist",
            "silver_tables.0.grain: expected a column of sample (found 'colour')", table("grain", ["colour"])),
    changed("grain twice", "a grain column that is there twice",
            "silver_tables.0.grain.name: expected each name once (found 'code')", table("grain", ["code", "code"])),
    changed("silver column twice", "two silver columns of one name",
            "silver_tables.0.columns.name: expected each name once (found 'code')", add_columns(CODE)),
    changed("silver column name", "a silver column's name that Athena would have to quote",
            f"silver_tables.0.columns.name: {_IDENTIFIER} (found 'Item Code')",
            add_columns({**CODE, "name": "Item Code"})),
    changed("partition key", "a silver column of the partition key's name",
            "silver_tables.0.columns.name: expected a name other than the partition key's (found 'version')",
            add_columns({**CODE, "name": "version"})),
    changed("column type", "an unknown type",
            "silver_tables.0.columns.code.type: expected a Spark SQL type such as bigint (found 'text')",
            silver_column(type="text")),
    changed("decimal", "a decimal of more digits than there are",
            "silver_tables.0.columns.code.type: expected a Spark SQL type such as bigint (found 'decimal(39,2)')",
            silver_column(type="decimal(39,2)")),
    changed("no row position", "a silver table without row position",
            "silver_tables.0.columns: meta_row_position of type bigint is missing: it tells rows with one key apart",
            table("columns", [CODE])),
    changed("threshold", "a threshold beyond 0 to 1",
            "data_quality.critical_null_threshold: expected 0 to 1 (found 5.0)",
            quality(critical_null_threshold=5)),
    changed("negative threshold", "a negative threshold",
            "data_quality.max_row_count_drop: expected 0 to 1 (found -1.0)",
            quality(max_row_count_drop=-1)),
    changed("share", "a share of quarantined rows beyond 0 to 1",
            "data_quality.max_quarantined_share: expected 0 to 1 (found 2.0)", quality(max_quarantined_share=2)),
    changed("required column", "a required column that does not exist",
            "data_quality.required_columns: expected a column of a silver table (found 'colour')",
            quality(required_columns=["colour"])),
)  # fmt: skip

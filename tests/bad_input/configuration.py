"""Mistakes in ``dataset.json`` and in the files of the tables."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.bad_input.case import ConfigCase
from tests.dataset_files import TABLES

Document = dict[str, Any]
Change = Callable[[Document], object]

CODE = {"name": "code", "type": "string", "comment": "The code"}
COLUMN = {"name": "code", "header": "Code"}
SMALLEST: Document = {
    "dataset": "sample",
    "source_url": "https://download.open.fda.gov/sample.zip",
    "members": [{"table": "sample", "pattern": "*.csv", "columns": [{**COLUMN, "aliases": ["CODE"]}]}],
    TABLES: {"sample": {"description": "One row per code", "grain": ["code"], "columns": [CODE]}},
}
"""The least that a dataset must say."""

_FILE = "domains/sample/config/dataset.json: "
_TABLE_FILE = "domains/sample/config/tables/sample.json: "
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


def changed_table(id_: str, what: str, sees: str, change: Change, do: str = "") -> ConfigCase:
    """Make a case of the smallest table with one change."""
    document = copy.deepcopy(SMALLEST)
    change(document[TABLES]["sample"])
    return ConfigCase(id_, what, "ConfigError", f"{_TABLE_FILE}{sees}", do, body=json.dumps(document).encode())


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


def silver_column(**values: object) -> Change:
    """Change the silver table's column of codes."""
    return lambda table: table["columns"][0].update(values)


def quality(**values: object) -> Change:
    """Set the thresholds."""
    return top("data_quality", values)


def twice(key: str) -> Change:
    """Repeat the first element of a list."""
    return lambda document: document[key].append(copy.deepcopy(document[key][0]))


def add_columns(*columns: Document) -> Change:
    """Give the silver table more columns."""
    return lambda table: table["columns"].extend(columns)


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
    changed("FLEX worker type", "FLEX with a worker type that has none",
            "worker_type: expected one of G.1X, G.2X with execution_class FLEX (found 'G.4X')",
            lambda document: document.update(worker_type="G.4X", execution_class="FLEX")),
    changed("Glue version", "a Glue version that the jobs are not written for",
            "glue_version: expected one of 5.0, 5.1, whose Spark 3.5 and Python 3.11 the jobs are tested with "
            "(found '4.0')",
            top("glue_version", "4.0")),
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
    changed("cadence", "an alarm of overdue runs after more than a week",
            "schedule.overdue_after_hours: expected 1 to 168, which is a week (found 169)",
            top("schedule", {"expression": "rate(1 day)", "overdue_after_hours": 169})),
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
    changed("unknown environment", "an environment that there is not",
            "environments: expected one of dev, local, prod (found 'moon')", top("environments", ["moon"])),
    changed("unknown pipeline", "an unknown kind of pipeline", "pipeline: expected one of release (found 'batch')",
            top("pipeline", "batch")),
    changed("tables in the wrong file", "silver tables in the dataset's own file",
            "silver_tables: unknown key: each silver table has a file of its own", top("silver_tables", []),
            "write domains/sample/config/tables/<table>.json"),
    changed("note", "a note that is no text", "members.0.columns.0.meaning: expected a text on one line (found 5)",
            column(meaning=5)),
    changed("threshold", "a threshold beyond 0 to 1",
            "data_quality.critical_null_threshold: expected 0 to 1 (found 5.0)",
            quality(critical_null_threshold=5)),
    changed("negative threshold", "a negative threshold",
            "data_quality.max_row_count_drop: expected 0 to 1 (found -1.0)",
            quality(max_row_count_drop=-1)),
    changed("share", "a share of quarantined rows beyond 0 to 1",
            "data_quality.max_quarantined_share: expected 0 to 1 (found 2.0)", quality(max_quarantined_share=2)),
    changed("removed keys", "a share of removed keys beyond 0 to 1",
            "data_quality.max_removed_keys_share: expected 0 to 1 (found 2.0)", quality(max_removed_keys_share=2)),
    changed("share change", "a change of a share beyond 0 to 1",
            "data_quality.max_share_change: expected 0 to 1 (found 2.0)", quality(max_share_change=2)),
    changed("required column", "a required column that does not exist",
            "data_quality.required_columns: expected a column of a silver table (found 'colour')",
            quality(required_columns=["colour"])),
)  # fmt: skip
TABLE_FILES = (
    ConfigCase("no tables", "no file of a table", "ConfigError",
               "domains/sample/config/tables: expected a file for each silver table, such as … (found none)",
               body=json.dumps({**SMALLEST, TABLES: {}}).encode()),
    ConfigCase("table name", "a table's file whose name begins with a digit", "ConfigError",
               f"domains/sample/config/tables/9.json: name: {_IDENTIFIER} (found '9')",
               body=json.dumps({**SMALLEST, TABLES: {"9": SMALLEST[TABLES]["sample"]}}).encode()),
    changed_table("other table name", "a name that is not the file's",
                  "name: expected 'sample', the file's name (found 'other')", top("name", "other")),
    changed_table("table key", "an unknown key of a table",
                  "colour: unknown key: correct its spelling or take it out (found 'blue')", top("colour", "blue")),
    changed_table("table without grain", "a missing key of a table", "grain: required, and missing",
                  lambda table: table.pop("grain")),
    changed_table("no grain", "no grain", "grain: expected at least one column (found [])", top("grain", [])),
    changed_table("grain of no column", "a grain column that does not exist",
                  "grain: expected a column of sample (found 'colour')", top("grain", ["colour"])),
    changed_table("grain twice", "a grain column that is there twice",
                  "grain.name: expected each name once (found 'code')", top("grain", ["code", "code"])),
    changed_table("no silver columns", "a table without columns", "…columns: expected at least one column (found [])",
                  top("columns", [])),
    changed_table("silver column twice", "two silver columns of one name",
                  "columns.name: expected each name once (found 'code')", add_columns(CODE)),
    changed_table("silver column name", "a silver column's name that Athena would have to quote",
                  f"columns.name: {_IDENTIFIER} (found 'Item Code')", add_columns({**CODE, "name": "Item Code"})),
    changed_table("partition key", "a silver column of the partition key's name",
                  "columns.name: expected a name other than the partition key's (found 'version')",
                  add_columns({**CODE, "name": "version"})),
    changed_table("lineage", "a silver column of the lineage",
                  "columns.name: expected a name without meta_ in front: the platform adds the columns of the lineage "
                  "itself (found 'meta_run_id')", add_columns({**CODE, "name": "meta_run_id"})),
    changed_table("column type", "an unknown type",
                  "columns.code.type: expected a Spark SQL type such as bigint (found 'text')",
                  silver_column(type="text")),
    changed_table("decimal", "a decimal of more digits than there are",
                  "columns.code.type: expected a Spark SQL type such as bigint (found 'decimal(39,2)')",
                  silver_column(type="decimal(39,2)")),
    changed_table("comment", "a comment that is longer than the catalog takes",
                  "columns.code.comment: expected at most 255 characters, which the catalog takes (found …)",
                  silver_column(comment="c" * 256)),
    changed_table("silver note", "a silver column's note that has several lines",
                  "columns.0.example: expected a text on one line (found 'a\\nb')", silver_column(example="a\nb")),
)  # fmt: skip

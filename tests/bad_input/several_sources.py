"""Mistakes in what ``dataset.json`` says of several sources, and in what an environment says of their keys."""

from __future__ import annotations

import copy
import json

from tests.bad_input.case import ConfigCase
from tests.bad_input.configuration import COLUMN, SMALLEST, Change, Document
from tests.dataset_files import TABLES

_FILE = "domains/sample/config/dataset.json: "

FIRST: Document = {
    "name": "first",
    "url": "https://download.open.fda.gov/first.zip",
    "members": [{"table": "sample", "pattern": "*.csv", "columns": [COLUMN]}],
}
SECOND: Document = {
    "name": "second",
    "url": "https://download.open.fda.gov/second.zip",
    "optional": True,
    "members": [{"table": "other", "pattern": "other.txt", "columns": [COLUMN]}],
}
TWO_SOURCES: Document = {
    "dataset": "sample",
    "sources": [FIRST, SECOND],
    TABLES: SMALLEST[TABLES],
}
"""A dataset with two sources that has no mistake."""

LICENSED = "https://download.open.fda.gov/full.zip?apiKey={key}"


def changed(id_: str, what: str, sees: str, change: Change) -> ConfigCase:
    """Make a case of the dataset with two sources and one change."""
    document = copy.deepcopy(TWO_SOURCES)
    change(document)
    return ConfigCase(id_, what, "ConfigError", f"{_FILE}{sees}", body=json.dumps(document).encode())


def second(key: str, value: object) -> Change:
    """Set a key of the second source."""
    return lambda document: document["sources"][1].update({key: value})


def member(key: str, value: object) -> Change:
    """Set a key of the second source's member."""
    return lambda document: document["sources"][1]["members"][0].update({key: value})


def dated(**rule: object) -> Change:
    """Give the second source a rule for its release date."""
    return second("release_date", {"pattern": r"_(\d{8})\.", "format": "%m%d%Y", **rule})


def headerless(**column: object) -> Change:
    """Make the second source's member a file without header, and change its column."""
    return lambda document: document["sources"][1]["members"][0].update(
        {"parse": {"header": False}, "columns": [{"name": "code", **column}]}
    )


def all_optional(document: Document) -> None:
    """Make every source optional."""
    for source in document["sources"]:
        source["optional"] = True


def two_members(document: Document) -> None:
    """Declare two files of what is one."""
    (only,) = document["sources"][1]["members"]
    document["sources"][1].update(packing="gzip", members=[only, {**only, "table": "another"}])


_GROUP = "expected a regular expression with one group around the date"
_DAY = "sources.1.release_date.format: expected year, month and day, such as %m%d%Y"
_ORDER = "expected neither aliases nor optional: columns without a header line are identified by their order"

SEVERAL_SOURCES = (
    changed("no sources", "no sources", "sources: expected at least one source (found [])",
            lambda document: document.update(sources=[])),
    changed("both forms", "`source_url` beside `sources`",
            "source_url: unknown key: correct its spelling or take it out (found 'https://a.example/x.zip')",
            lambda document: document.update(source_url="https://a.example/x.zip")),
    changed("source twice", "two sources of one name", "sources.name: expected each name once (found 'first')",
            second("name", "first")),
    changed("source name", "a source's name that no folder should have",
            "sources.1.name: expected lower-case letters, digits and underscores, a letter first (found 'a/b')",
            second("name", "a/b")),
    changed("source without address", "a source without address", "sources.1.url: required, and missing",
            lambda document: document["sources"][1].pop("url")),
    changed("file name twice", "two sources whose files have one name",
            "sources.file name: expected each file name once (found 'first.zip')",
            second("url", "https://download.open.fda.gov/more/first.zip")),
    changed("table of two sources", "one table in two sources",
            "members.table: expected each table once (found 'sample')", member("table", "sample")),
    changed("all sources optional", "no source that a release must have",
            "sources.optional: expected at least one source that a release must have (found True)", all_optional),
    changed("optional in words", "a text where true or false is due",
            "sources.1.optional: Input should be a valid boolean (found 'yes')", second("optional", "yes")),
    changed("no size", "a largest size of nothing", "sources.1.max_megabytes: expected 1 to 50000 (found 0)",
            second("max_megabytes", 0)),
    changed("huge size", "a largest size that no upload takes",
            "sources.1.max_megabytes: expected 1 to 50000 (found 50001)", second("max_megabytes", 50_001)),
    changed("size in words", "a text where a number is due",
            "sources.1.max_megabytes: Input should be a valid integer (found '1 GB')", second("max_megabytes", "1 GB")),
    changed("no time", "no time for a download", "sources.1.max_seconds: expected at least 1 (found 0)",
            second("max_seconds", 0)),
    changed("too much time", "more time for the downloads than the function has",
            "sources.max_seconds: expected at most 600 for all sources together (found 601)",
            second("max_seconds", 600)),
    changed("time in words", "a text where seconds are due",
            "sources.1.max_seconds: Input should be a valid integer (found 'long')", second("max_seconds", "long")),
    changed("all members optional", "an archive that need not have any file",
            "sources.1.members.optional: expected at least one file that the archive must have (found True)",
            member("optional", True)),
    changed("kind that is not built", "a source of another kind",
            "sources.1.kind: expected a kind that is built: http_file (found 'paged_api')",
            second("kind", "paged_api")),
    changed("packing that is not built", "a file that is packed in another way",
            "sources.1.packing: expected one of zip, gzip, plain (found 'tar')", second("packing", "tar")),
    changed("two files in one gzip file", "two members of a file that is one file",
            "sources.1.members: expected one member, because packing is 'gzip' (found 2)", two_members),
    changed("licence without key", "a licensed address without a place for the key",
            "sources.1.licensed_url: expected an address with {key} in it once (found 'https://a.example/x.zip')",
            second("licensed_url", "https://a.example/x.zip")),
    changed("date without group", "a date's pattern without a group",
            f"sources.1.release_date.pattern: {_GROUP} (found '[0-9]{{8}}')", dated(pattern="[0-9]{8}")),
    changed("date with two groups", "a date's pattern with two groups",
            f"sources.1.release_date.pattern: {_GROUP} (found '…')", dated(pattern="([0-9]{4})([0-9]{4})")),
    changed("date's bad pattern", "a date's pattern that is no regular expression",
            f"sources.1.release_date.pattern: {_GROUP} (found '([0-9')", dated(pattern="([0-9")),
    changed("date without day", "a date's format without a day", f"{_DAY} (found '%Y-%m')", dated(format="%Y-%m")),
    changed("date's bad format", "a date's format that strptime does not know", f"{_DAY} (found '%m%d%Q')",
            dated(format="%m%d%Q")),
    changed("date's unknown key", "an unknown key of a release date",
            "sources.1.release_date.zone: unknown key: correct its spelling or take it out (found 'UTC')",
            dated(zone="UTC")),
    changed("aliases without header", "other headers of a file that has none",
            f"sources.1.members.0.columns.name: {_ORDER} (found 'code')", headerless(aliases=["CODE"])),
    changed("optional without header", "an optional column of a file without header",
            f"sources.1.members.0.columns.name: {_ORDER} (found 'code')", headerless(optional=True)),
    changed("column without header text", "a column without header of a file that has one",
            "sources.1.members.0.columns.header: expected a text without white space around it, … (found '')",
            member("columns", [{"name": "code"}])),
    changed("format that is not built", "a file of a format that has no reader",
            "sources.1.members.0.parse.format: expected a format that is built: delimited (found 'json lines')",
            member("parse", {"format": "json lines"})),
    changed("header in words", "a text for whether there is a header",
            "sources.1.members.0.parse.header: Input should be a valid boolean (found 'none')",
            member("parse", {"header": "none"})),
)  # fmt: skip


def secret(id_: str, what: str, sees: str, do: str, secrets: object, **source: object) -> ConfigCase:
    """Make a case of an environment with secrets, and of what the second source of ``sample`` has."""
    document = {"allowed_source_hosts": ["download.open.fda.gov"], "source_secrets": secrets}
    body = json.dumps({"environment": document, "source": source}).encode()
    return ConfigCase(id_, what, "ConfigError", sees, do, body=body)


SECRETS = (
    secret("secret of no dataset", "a secret for a dataset that there is not",
           "config/test.json: source_secrets.other: there is no dataset 'other'", "choose one of sample",
           {"other": "uts"}),
    secret("secret without licence", "a secret for a dataset without a licensed source",
           "config/test.json: source_secrets.sample: no source of it has a licensed_url",
           "take the dataset out of source_secrets", {"sample": "uts"}),
    secret("secret's name", "a name that no secret can have",
           "config/test.json: source_secrets.sample: String should match pattern … (found 'a b')", "",
           {"sample": "a b"}),
    secret("licensed elsewhere", "a licensed address on a host that is not allowed",
           f"{_FILE}source 'second': licensed_url: 'a.example' is no allowed host of the environment 'test'",
           "add it to allowed_source_hosts in config/test.json", {"sample": "uts"},
           licensed_url="https://a.example/?k={key}"),
)  # fmt: skip

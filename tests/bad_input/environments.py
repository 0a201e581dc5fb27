"""Mistakes in an environment's file, and sources that an environment does not allow."""

from __future__ import annotations

import json

from tests.bad_input.case import ConfigCase
from tests.bad_input.configuration import SMALLEST

_FILE = "config/test.json: "
_REMEDY = "correct the file; nothing was changed by reading it"
_SOURCE = "domains/sample/config/dataset.json: source 'sample': url: "
_PLAIN = "write it like https://download.open.fda.gov/file.zip"


def broken(id_: str, what: str, sees: str, body: bytes) -> ConfigCase:
    """Make a case of a file that is no JSON object."""
    return ConfigCase(id_, what, "ConfigError", f"{_FILE}{sees}", _REMEDY, body=body)


def set_to(key: str, value: object, what: str, sees: str, do: str = "") -> ConfigCase:
    """Make a case of the smallest file with one key more."""
    document = {"allowed_source_hosts": ["example.org"], key: value}
    body = json.dumps(document).encode()
    return ConfigCase(f"{key}: {value!r}", what, "ConfigError", f"{_FILE}{sees}", do, body=body)


def source(id_: str, what: str, sees: str, url: str, do: str = "") -> ConfigCase:
    """Make a case of a ``source_url`` that the production environment does not allow."""
    body = json.dumps({**SMALLEST, "source_url": url}).encode()
    return ConfigCase(id_, what, "ConfigError", f"{_SOURCE}{sees}", do, body=body)


ENVIRONMENTS = (
    broken("environment: bad JSON", "bad JSON", "not valid JSON: Expecting property name …", b"{"),
    broken("environment: array", "JSON that is no object", "expected a JSON object, found list", b"[]"),
    broken("environment: key twice", "a key that stands twice", "prefix: the key stands twice in one object",
           b'{"prefix": "lake", "prefix": "sea"}'),
    ConfigCase("environment: missing key", "a missing key", "ConfigError",
               f"{_FILE}allowed_source_hosts: required, and missing", body=b"{}"),
    set_to("colour", "blue", "an unknown key",
           "colour: unknown key: correct its spelling or take it out (found 'blue')"),
    set_to("name", "prod", "a name beside the file's", "name: the file's name is the environment's name",
           "take the key out"),
    set_to("account", "12", "an account that is none", "account: String should match pattern … (found '12')"),
    set_to("account", 111122223333, "a number in place of a text",
           "account: Input should be a valid string (found 111122223333)"),
    set_to("region", "Frankfurt", "a region that is none", "region: String should match pattern … (found 'Frankfurt')"),
    set_to("prefix", "Has Capitals", "a prefix that no bucket can have", "prefix: String should match pattern …"),
    set_to("alert_email", "nobody", "an address that is none", "alert_email: String should match pattern …"),
    set_to("allowed_source_hosts", [], "no host", "allowed_source_hosts: expected at least 1 (found [])"),
    set_to("allowed_source_hosts", "example.org", "a text where a list is due",
           "allowed_source_hosts: Input should be a valid array (found 'example.org')"),
    set_to("allowed_source_hosts", ["https://example.org/"], "an address where a host is due",
           "allowed_source_hosts.0: String should match pattern … (found 'https://example.org/')"),
    set_to("allowed_source_schemes", ["ftp"], "a scheme that cannot be fetched",
           "allowed_source_schemes.0: Input should be 'https' or 'http' (found 'ftp')"),
    set_to("allowed_source_schemes", [], "no scheme", "allowed_source_schemes: expected at least 1 (found [])"),
    set_to("keep_data", "yes", "a text where true or false is due",
           "keep_data: Input should be a valid boolean (found 'yes')"),
    set_to("reserved_concurrency", 0, "a concurrency of 0",
           "reserved_concurrency: Input should be greater than or equal to 1 (found 0)"),
    set_to("athena_bytes_scanned_cutoff", 5, "a cut-off below Athena's least",
           "athena_bytes_scanned_cutoff: Input should be greater than or equal to 10000000 (found 5)"),
    set_to("retention", {"raw": 0}, "a retention of 0 days",
           "retention.raw: Input should be greater than or equal to 1 (found 0)"),
    set_to("retention", {"logs": 8}, "days that CloudWatch Logs does not offer",
           "retention.logs: Input should be 1, 3, 7, 14, 30, 60, 90, 180 or 365 (found 8)"),
    set_to("retention", {"gold": 8}, "a zone that is none",
           "retention.gold: unknown key: correct its spelling or take it out (found 8)"),
)  # fmt: skip

SOURCE_URLS = (
    source("source over http", "an http address outside the local environment",
           "expected https (found 'http://download.open.fda.gov/x.zip')", "http://download.open.fda.gov/x.zip"),
    source("source in a file", "an address of another scheme", "expected https (found 'file:///etc/passwd')",
           "file:///etc/passwd"),
    source("source elsewhere", "a host that is not allowed",
           "'example.org' is no allowed host of the environment 'prod'", "https://example.org/x.zip",
           "add it to allowed_source_hosts in config/prod.json"),
    source("source with credentials", "an address with credentials", "an address with credentials is not allowed",
           "https://user:secret@download.open.fda.gov/x.zip",
           "take the credentials out: the file is in version control"),
    source("source without host", "what is no address", "not a valid address: Invalid IPv6 URL", "https://[::1/x.zip",
           _PLAIN),
    source("source with a wrong port", "a port that is none", "not a valid address: Port out of range 0-65535",
           "https://download.open.fda.gov:99999/x.zip", _PLAIN),
    source("source with a space", "an address with a space",
           "expected printable ASCII characters without spaces and backslashes (found …)",
           "https://download.open.fda.gov/a b.zip", "write other characters percent-encoded, such as %20"),
)  # fmt: skip

"""Inputs of ``start-execution`` and payloads of the trigger, of every wrong shape."""

from __future__ import annotations

from tests.bad_input.case import PayloadCase

_EXAMPLE = 'write {"dataset": "pills"}'
_MACHINE = ("state machine",)
_TRIGGER = ("trigger",)
_HOSTS = "use one of 127.0.0.1, or add it to allowed_source_hosts of the environment"
_FORCE = "write it without quotes, or leave it out"
_URL = "write the address of a release, or leave it out"
_TIME = "write a time like 2019-04-29T06:30:00Z, or leave it out"
_PERCENT = "write other characters percent-encoded, such as %20"
_ADDRESS = "write it like https://download.open.fda.gov/file.zip"
_CHARACTERS = "only printable ASCII characters other than space and backslash are allowed"


def invalid(id_: str, sees: str, do: str, payload: object, *, to: tuple[str, ...] = _MACHINE + _TRIGGER) -> PayloadCase:
    """Make a case of an input of a wrong shape."""
    return PayloadCase(f"input: {id_}", id_, "InvalidInputError", f"input: {sees}", do, payload=payload, to=to)


def disallowed(id_: str, sees: str, do: str, url: str) -> PayloadCase:
    """Make a case of an address that is not allowed."""
    given = {"dataset": "pills", "source_url": url}
    return PayloadCase(f"input: {id_}", id_, "DisallowedSourceError", f"source {sees}", do, payload=given)


def pills(**values: object) -> dict[str, object]:
    """Make an input that is right but for these values."""
    return {"dataset": "pills", **values}


PAYLOADS = (
    invalid("an array", "expected a JSON object, found list", _EXAMPLE, []),
    invalid("a text", "expected a JSON object, found str", _EXAMPLE, "pills"),
    invalid("an empty text", "expected a JSON object, found str", _EXAMPLE, ""),
    invalid("a number", "expected a JSON object, found int", _EXAMPLE, 0),
    invalid("true or false", "expected a JSON object, found bool", _EXAMPLE, False),
    invalid("null", "expected a JSON object, found NoneType", _EXAMPLE, None, to=_MACHINE),
    invalid("an empty object", "dataset is missing", _EXAMPLE, {}, to=_MACHINE),
    invalid("an unknown key", "unknown key 'forced'", "the keys are dataset, source_url, force…", pills(forced=True)),
    invalid("a key of the trigger alone", "unknown key 'scheduled_at'", "the keys are dataset, source_url, force",
            pills(scheduled_at="2019-04-29T06:30:00Z"), to=_MACHINE),
    invalid("a huge key", "unknown key 'kkkk…", "the keys are …", pills(**{"k" * 250_000: 1})),
    invalid("a huge value", "dataset: expected 'pills', the dataset of this pipeline (found 'xxxx…",
            "start the state machine of that dataset", {"dataset": "x" * 250_000}),
    invalid("another dataset", "dataset: expected 'pills', the dataset of this pipeline (found 'other')",
            "start the state machine of that dataset", {"dataset": "other"}),
    invalid("dataset: a number", "dataset: expected a string (found 5)",
            "write the name of this pipeline's dataset", {"dataset": 5}),
    invalid("dataset: null", "dataset: expected a string (found None)",
            "write the name of this pipeline's dataset", {"dataset": None}),
    invalid("force: a text", "force: expected true or false (found 'true')", _FORCE, pills(force="true")),
    invalid("force: a number", "force: expected true or false (found 1)", _FORCE, pills(force=1)),
    invalid("force: null", "force: expected true or false (found None)", _FORCE, pills(force=None)),
    invalid("source_url: a number", "source_url: expected a string (found 5)", _URL, pills(source_url=5)),
    invalid("source_url: an array", "source_url: expected a string (found ['http://127.0.0.1/x.zip'])", _URL,
            pills(source_url=["http://127.0.0.1/x.zip"])),
    invalid("source_url: empty", "source_url: expected a string (found '')", _URL, pills(source_url="")),
    invalid("scheduled_at: a number", "scheduled_at: expected a string (found 5)", _TIME, pills(scheduled_at=5),
            to=_TRIGGER),
    invalid("scheduled_at: no time", "scheduled_at: expected an ISO 8601 time (found 'tomorrow')", _TIME,
            pills(scheduled_at="tomorrow"), to=_TRIGGER),
    invalid("scheduled_at: a time before the year 1 in UTC",
            "scheduled_at: expected an ISO 8601 time (found '0001-01-01T00:00:00+05:00')", _TIME,
            pills(scheduled_at="0001-01-01T00:00:00+05:00"), to=_TRIGGER),
    invalid("scheduled_at: a time after the year 9999 in UTC",
            "scheduled_at: expected an ISO 8601 time (found '9999-12-31T23:59:59-05:00')", _TIME,
            pills(scheduled_at="9999-12-31T23:59:59-05:00"), to=_TRIGGER),
    disallowed("source_url: another host", "'https://example.org/x.zip': host 'example.org' is not allowed", _HOSTS,
               "https://example.org/x.zip"),
    disallowed("source_url: a host that only begins alike",
               "'https://127.0.0.1.example.org/x.zip': host '127.0.0.1.example.org' is not allowed", _HOSTS,
               "https://127.0.0.1.example.org/x.zip"),
    disallowed("source_url: another scheme", "'ftp://127.0.0.1/x.zip': scheme 'ftp' is not allowed",
               "use one of http, https", "ftp://127.0.0.1/x.zip"),
    disallowed("source_url: a file", "'file:///etc/passwd': scheme 'file' is not allowed", "use one of http, https",
               "file:///etc/passwd"),
    disallowed("source_url: no scheme", "'127.0.0.1/x.zip': scheme '' is not allowed", "use one of http, https",
               "127.0.0.1/x.zip"),
    disallowed("source_url: no host", "'https://': host None is not allowed", _HOSTS, "https://"),
    disallowed("source_url: credentials", "on host '127.0.0.1': an address with credentials is not allowed",
               "take the credentials out: addresses are logged and recorded", "https://user:secret@127.0.0.1/x.zip"),
    disallowed("source_url: the address of a licensed source, with a key",
               "on host '127.0.0.1': the address of a licensed source with a key written into it is not allowed",
               "leave source_url out, so that the key comes from the secret, and get a new key: inputs are recorded",
               "https://127.0.0.1/download?url=pills.zip&apiKey=a-key"),
    disallowed("source_url: a host that parsers read differently",
               f"'https://example.org\\\\@127.0.0.1/x.zip': {_CHARACTERS}", _PERCENT,
               "https://example.org\\@127.0.0.1/x.zip"),
    disallowed("source_url: a space", f"'https://127.0.0.1/a b.zip': {_CHARACTERS}", _PERCENT,
               "https://127.0.0.1/a b.zip"),
    disallowed("source_url: a newline", f"'https://127.0.0.1/x.zip\\nX: y': {_CHARACTERS}", _PERCENT,
               "https://127.0.0.1/x.zip\nX: y"),
    disallowed("source_url: half a character", f"'https://127.0.0.1/\\ud800': {_CHARACTERS}", _PERCENT,
               "https://127.0.0.1/\ud800"),
    disallowed("source_url: a wrong port", "'https://127.0.0.1:99999/': not a valid address: Port out of range 0-65535",
               _ADDRESS, "https://127.0.0.1:99999/"),
    disallowed("source_url: a broken host", "'https://[::1/x.zip': not a valid address: Invalid IPv6 URL", _ADDRESS,
               "https://[::1/x.zip"),
    disallowed("source_url: 250,000 characters",
               "'https://127.0.0.1/xxx…'…: an address of 250018 characters is not allowed", "use one of at most 2048",
               "https://127.0.0.1/" + "x" * 250_000),
)  # fmt: skip

"""Hashes, times, pauses, allowed addresses and settings."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.errors import DisallowedSourceError, InvalidInputError, SettingsError
from _shared.lambdas.libs import hash_utils, time_utils
from _shared.lambdas.libs.openlineage.emit import LineageSettings
from _shared.lambdas.libs.settings import CrawlSettings, FailureSettings, FetchSettings, TriggerSettings, UpdateSettings
from _shared.lambdas.libs.source.http.backoff import RetryPolicy
from _shared.lambdas.libs.source.http.rules import SourceRules
from tests._shared.lambdas.support import EXECUTION, OTHER_EXECUTION

ENVIRONMENT = {
    "LAKE_BUCKET": "lake",
    "DATABASE": "pills_db",
    "PIPELINE_FINGERPRINT": "f" * 64,
    "ALLOWED_SOURCE_HOSTS": "Download.open.fda.gov, download.nlm.nih.gov",
    "ALLOWED_SOURCE_SCHEMES": "https",
    "LEASE_SECONDS": "7200",
    "POWERTOOLS_METRICS_NAMESPACE": "prod/PP-RAWS",
    "CRAWLER_NAME": "x-bronze-crawler",
    "ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:alerts",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:x",
}


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_the_hash_of_pieces_is_the_hash_of_the_whole(pieces: list[bytes]) -> None:
    hasher = hash_utils.StreamHasher()
    for piece in pieces:
        hasher.update(piece)
    whole = b"".join(pieces)
    assert hasher.hexdigest() == hash_utils.sha256_of(pieces) == hashlib.sha256(whole).hexdigest()
    assert hasher.length == len(whole)


def test_only_two_equal_digests_are_the_same() -> None:
    digest = "a" * 64
    assert hash_utils.same_digest(digest, digest)
    assert not hash_utils.same_digest(digest, "b" * 64)
    assert not hash_utils.same_digest("", "")
    assert not hash_utils.same_digest("A" * 64, "A" * 64)
    assert hash_utils.short(digest) == "a" * 12


def test_a_run_id_is_the_same_for_a_retry_and_another_for_another_execution() -> None:
    first = time_utils.run_id("2026-03-02T06:30:00.123Z", EXECUTION)
    expected = hashlib.sha256(EXECUTION.encode()).hexdigest()[:8]
    assert first == f"20260302T063000Z-{expected}"
    assert first == time_utils.run_id("2026-03-02T07:30:00.123+01:00", EXECUTION)
    assert first != time_utils.run_id("2026-03-02T06:30:00.123Z", OTHER_EXECUTION)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001  # hypothesis takes naive bounds
def test_a_formatted_time_parses_to_the_same_millisecond(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    assert time_utils.parse_timestamp(time_utils.format_timestamp(aware)) == aware


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="yesterday"):
        time_utils.parse_timestamp("yesterday")


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "0000-01-01", "10000-01-01"]
)
def test_a_time_that_utc_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an ISO 8601 time"):
        time_utils.parse_timestamp(text)


@given(st.text(max_size=60) | st.builds(format_datetime, st.datetimes(timezones=st.timezones())))
def test_any_date_that_a_server_sends_is_read_or_passed_over(text: str) -> None:
    day = time_utils.http_date(text)
    assert day is None or 1 <= day.year <= 9999
    pauses: list[float] = []
    RetryPolicy(sleep=pauses.append, draw=lambda: 0.0).pause(1, text)
    assert 0 <= pauses[0] <= 60


def test_no_pause_is_longer_than_the_time_that_is_left() -> None:
    pauses: list[float] = []
    policy = RetryPolicy(sleep=pauses.append, draw=lambda: 1.0)
    policy.pause(5, at_most=3)
    policy.pause(1, "60", at_most=2)
    assert pauses == [3, 2]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Mon, 29 Apr 2019 23:59:59 GMT", date(2019, 4, 29)),
        ("Mon, 29 Apr 2019 23:30:00 -0500", date(2019, 4, 30)),
        ("last Monday", None),
        ("Fri, 31 Dec 9999 23:59:59 -0500", None),
        ("Mon, 29 Apr 2019 23:30:00 +99999999", None),
        ("", None),
        (None, None),
    ],
)
def test_the_day_of_an_http_date_is_in_utc(text: str | None, day: date | None) -> None:
    assert time_utils.http_date(text) == day


def test_pauses_grow_to_their_cap_and_are_drawn_from_zero() -> None:
    pauses: list[float] = []
    policy = RetryPolicy(base_seconds=1, cap_seconds=5, sleep=pauses.append, draw=lambda: 0.5)
    for failures in (1, 2, 3, 4, 5):
        policy.pause(failures)
    assert pauses == [0.5, 1.0, 2.0, 2.5, 2.5]


def test_the_servers_wish_is_honoured_up_to_a_limit() -> None:
    pauses: list[float] = []
    policy = RetryPolicy(longest_retry_after_seconds=60, sleep=pauses.append, draw=lambda: 0.0)
    policy.pause(1, "7")
    policy.pause(1, "86400")
    policy.pause(1, format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    policy.pause(1, format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True))
    policy.pause(1, "soon")
    assert pauses[:2] == [7.0, 60.0]
    assert 25 < pauses[2] <= 30
    assert pauses[3:] == [0.0, 0.0]


@pytest.mark.parametrize(
    "url",
    [
        "http://download.open.fda.gov/x.zip",
        "ftp://download.open.fda.gov/x.zip",
        "file:///etc/passwd",
        "https://example.org/x.zip",
        "https://download.open.fda.gov.example.org/x.zip",
        "https://sub.download.open.fda.gov/x.zip",
        "https://download.open.fda.gov@example.org/x.zip",
        "https://user:secret@download.open.fda.gov/x.zip",
        "https://example.org\\@download.open.fda.gov/x.zip",
        "https://download.open.fda.gov/x.zip\nHost: example.org",
        "https://download.open.fda.gov:port/x.zip",
        "https://[::1/x.zip",
        "//download.open.fda.gov/x.zip",
        "",
    ],
)
def test_an_address_that_is_not_allowed_is_refused(url: str) -> None:
    with pytest.raises(DisallowedSourceError):
        SourceRules(("download.open.fda.gov",)).check(url)


def test_an_allowed_address_passes_in_any_case_and_with_a_port() -> None:
    rules = SourceRules(("download.open.fda.gov",))
    rules.check("https://download.open.fda.gov/x.zip?a=b")
    rules.check("HTTPS://Download.Open.FDA.gov:443/x.zip")


def test_a_refused_address_with_credentials_does_not_tell_them() -> None:
    with pytest.raises(DisallowedSourceError) as caught:
        SourceRules(("download.open.fda.gov",)).check("https://user:secret@download.open.fda.gov/x.zip")
    assert "secret" not in str(caught.value)


def test_settings_are_read_from_the_environment() -> None:
    settings = FetchSettings.read(ENVIRONMENT)
    assert settings.lake_bucket == "lake"
    assert settings.lease_seconds == 7200
    assert settings.rules == SourceRules(("download.open.fda.gov", "download.nlm.nih.gov"), ("https",))
    assert UpdateSettings.read(ENVIRONMENT).success_topic is None
    wanted = {"SUCCESS_TOPIC_ARN": "arn:x", "OPENLINEAGE_URL": "https://host/api"}
    update = UpdateSettings.read({**ENVIRONMENT, **wanted})
    assert update == UpdateSettings("lake", "pills_db", LineageSettings("prod/PP-RAWS", "https://host/api"), "arn:x")
    assert CrawlSettings.read(ENVIRONMENT) == CrawlSettings("lake", "pills_db", "x-bronze-crawler")
    assert FailureSettings.read(ENVIRONMENT) == FailureSettings(
        "lake", "pills_db", LineageSettings("prod/PP-RAWS", None), ENVIRONMENT["ALERT_TOPIC_ARN"]
    )
    assert TriggerSettings.read(ENVIRONMENT).state_machine == ENVIRONMENT["STATE_MACHINE_ARN"]


@pytest.mark.parametrize(
    "name",
    [
        "LAKE_BUCKET",
        "DATABASE",
        "PIPELINE_FINGERPRINT",
        "ALLOWED_SOURCE_HOSTS",
        "ALLOWED_SOURCE_SCHEMES",
        "LEASE_SECONDS",
    ],
)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        FetchSettings.read({key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"), [("LEASE_SECONDS", "soon"), ("LEASE_SECONDS", "0"), ("ALLOWED_SOURCE_HOSTS", " , ")]
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        FetchSettings.read({**ENVIRONMENT, name: value})

"""Environment variables of the functions, validated at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from _shared.contracts.errors import SettingsError
from _shared.contracts.messages import shown
from _shared.lambdas.libs.openlineage.emit import LineageSettings
from _shared.lambdas.libs.source.http.rules import SourceRules


@dataclass(frozen=True)
class FetchSettings:
    """Environment of FetchAndHash.

    Parameters
    ----------
    database
        The dataset's Glue database.
    fingerprint
        Hash of the deployed transform code and dataset configuration.
    lease_seconds
        Duration of the lease; after it another run may acquire the lease.
    source_secret
        Name of the secret with the key for licensed URLs; ``None`` to fetch from the free URLs.
    """

    lake_bucket: str
    database: str
    fingerprint: str
    rules: SourceRules
    lease_seconds: int
    source_secret: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError for a missing or invalid variable."""
        return cls(
            lake_bucket=_text(environment, "LAKE_BUCKET"),
            database=_text(environment, "DATABASE"),
            fingerprint=_text(environment, "PIPELINE_FINGERPRINT"),
            rules=_rules(environment),
            lease_seconds=_positive(environment, "LEASE_SECONDS"),
            source_secret=environment.get("SOURCE_SECRET", "").strip() or None,
        )


@dataclass(frozen=True)
class CrawlSettings:
    """Environment of CrawlBronze; ``crawler`` is a name."""

    lake_bucket: str
    database: str
    crawler: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError for a missing or invalid variable."""
        return cls(
            _text(environment, "LAKE_BUCKET"), _text(environment, "DATABASE"), _text(environment, "CRAWLER_NAME")
        )


@dataclass(frozen=True)
class UpdateSettings:
    """Environment of UpdateManifest; ``success_topic`` is the ARN of the topic for notices of published versions."""

    lake_bucket: str
    database: str
    lineage: LineageSettings
    success_topic: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError for a missing or invalid variable."""
        topic = environment.get("SUCCESS_TOPIC_ARN", "").strip() or None
        return cls(_text(environment, "LAKE_BUCKET"), _text(environment, "DATABASE"), _lineage(environment), topic)


@dataclass(frozen=True)
class FailureSettings:
    """Environment of RecordFailure; ``alert_topic`` is an ARN."""

    lake_bucket: str
    database: str
    lineage: LineageSettings
    alert_topic: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError for a missing or invalid variable."""
        return cls(
            _text(environment, "LAKE_BUCKET"),
            _text(environment, "DATABASE"),
            _lineage(environment),
            _text(environment, "ALERT_TOPIC_ARN"),
        )


@dataclass(frozen=True)
class TriggerSettings:
    """Environment of the trigger."""

    state_machine: str
    rules: SourceRules

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError for a missing or invalid variable."""
        return cls(_text(environment, "STATE_MACHINE_ARN"), _rules(environment))


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        msg = f"environment variable {name} is missing or empty"
        raise SettingsError(msg, "set it in the function's configuration: deploy the stack again")
    return value


def _lineage(environment: Mapping[str, str]) -> LineageSettings:
    namespace = _text(environment, "POWERTOOLS_METRICS_NAMESPACE")
    return LineageSettings(namespace, environment.get("OPENLINEAGE_URL", "").strip() or None)


def _positive(environment: Mapping[str, str], name: str) -> int:
    text = _text(environment, name)
    if not text.isdecimal() or int(text) == 0:
        msg = f"environment variable {name}: expected a positive whole number (found {shown(text)})"
        raise SettingsError(msg)
    return int(text)


def _words(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    words = tuple(word.strip().lower() for word in _text(environment, name).split(",") if word.strip())
    if not words:
        msg = f"environment variable {name}: expected names separated by commas"
        raise SettingsError(msg)
    return words


def _rules(environment: Mapping[str, str]) -> SourceRules:
    return SourceRules(_words(environment, "ALLOWED_SOURCE_HOSTS"), _words(environment, "ALLOWED_SOURCE_SCHEMES"))

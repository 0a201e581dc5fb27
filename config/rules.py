"""Validation rules for a dataset's configuration, beyond its types."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import SplitResult, urlsplit

from _shared.contracts.dataset import DatasetConfig, hashes_personal_data
from _shared.contracts.messages import LISTED_CHOICES, listed, shown
from config.delivery import Delivery
from config.environment import Environment, environment_names
from config.errors import ConfigError, mismatch
from config.release.members import IDENTIFIER, IDENTIFIER_WORDS
from config.release.schedules import schedule_mistakes
from config.release.sources import source_mistakes

GLUE_VERSIONS = ("5.0", "5.1")
"""Glue versions with Spark 3.5 and Python 3.11, which the jobs need."""

FLEX_WORKER_TYPES = ("G.1X", "G.2X")
"""Source: AWS Glue Developer Guide, "Adding jobs in AWS Glue", flexible execution."""

WORKER_TYPES = ("G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X")
LARGEST_JOB_TIMEOUT_MINUTES = 10_080
"""Seven days: Glue's limit for a job run."""

_SHARES = (
    "critical_null_threshold",
    "max_row_count_drop",
    "max_quarantined_share",
    "max_removed_keys_share",
    "max_share_change",
)
"""Thresholds of ``data_quality`` that are shares."""

_ADDRESS = re.compile(r"[!-\[\]-~]+")
_DATASET_NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
_DISPLAY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_RESOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}")


def dataset_mistakes(config: DatasetConfig) -> list[str]:
    """Return one line for each mistake: key, expected value, value found."""
    return [
        *_name_mistakes(config),
        *_job_mistakes(config),
        *source_mistakes(config),
        *_quality_mistakes(config),
    ]


def check_source(config: DatasetConfig, environment: Environment) -> None:
    """Check that the environment allows a dataset's sources.

    Raises
    ------
    ConfigError
        An address is malformed, its scheme or host is not allowed, or the environment names a secret for a dataset
        without a licensed source.
    """
    licensed = config.dataset in environment.source_secrets
    for source in config.sources:
        where = f"domains/{config.dataset}/config/dataset.json: source {source.name!r}"
        _check_address(source.url, f"{where}: url", environment)
        if licensed and source.licensed_url is not None:
            _check_address(source.licensed_url, f"{where}: licensed_url", environment)
    if licensed and all(source.licensed_url is None for source in config.sources):
        msg = f"config/{environment.name}.json: source_secrets.{config.dataset}: no source of it has a licensed_url"
        raise ConfigError(msg, "take the dataset out of source_secrets")


def check_secrets(environment: Environment, datasets: Collection[str]) -> None:
    """Check that the environment names secrets of existing datasets only.

    Raises
    ------
    ConfigError
        A secret belongs to a dataset that does not exist.
    """
    for name in sorted(environment.source_secrets.keys() - set(datasets)):
        msg = f"config/{environment.name}.json: source_secrets.{name}: there is no dataset {shown(name)}"
        raise ConfigError(msg, f"choose one of {listed(sorted(datasets), LISTED_CHOICES)}")


def check_personal_key(config: DatasetConfig, environment: Environment) -> None:
    """Check that the environment has a key if the dataset hashes personal data.

    Raises
    ------
    ConfigError
        It names no secret.
    """
    if hashes_personal_data(config) and environment.personal_key_secret is None:
        where = f"config/{environment.name}.json: personal_key_secret"
        msg = f"{where}: required, because {config.dataset} hashes personal data, and missing"
        raise ConfigError(msg, "make a secret in Secrets Manager with a long random text, and name it there")


def check_deployable(environment: Environment, account: str | None) -> None:
    """Check that the environment says where it is deployed and whom it alerts, and that the credentials belong there.

    Parameters
    ----------
    account
        Account of the caller's credentials; ``None`` if there are none.

    Raises
    ------
    ConfigError
        The environment is not the local one and lacks a setting, or its account is not the caller's.
    """
    if environment.is_local:
        return
    where = f"config/{environment.name}.json"
    required = ("account", "region", "alert_email")
    missing = [key for key in required if getattr(environment, key) is None]
    if missing:
        msg = "\n".join(f"{where}: {key}: required to deploy the environment, and missing" for key in missing)
        raise ConfigError(msg, f"add {listed(missing)} to {where}; docs/first-deployment.md tells how")
    if account is not None and account != environment.account:
        msg = f"{where}: account: {environment.account}, but the credentials belong to {account}"
        raise ConfigError(msg, "sign in to the environment's account, or choose another environment: -c env=NAME")


def check_delivery(delivery: Delivery, first: Environment, last: Environment) -> None:
    """Check that both environments can be deployed, and that the first is in the pipeline's account.

    The smoke test runs in the pipeline's account.

    Raises
    ------
    ConfigError
        They cannot, or it is not.
    """
    for environment in (first, last):
        check_deployable(environment, None)
    if first.account != delivery.account:
        msg = f"cdk.json: context.delivery: account: {delivery.account}, but {first.name} is in {first.account}"
        raise ConfigError(msg, f"put the pipeline into the account of {first.name}, where it runs the smoke test")


def _check_address(text: str, where: str, environment: Environment) -> None:
    url = _address(text, where)
    if url.scheme not in environment.allowed_source_schemes:
        expected = f"expected {' or '.join(environment.allowed_source_schemes)}"
        msg = f"{where}: {expected} (found {shown(text)})"
        raise ConfigError(msg)
    if url.hostname not in environment.allowed_source_hosts:
        msg = f"{where}: {shown(url.hostname)} is no allowed host of the environment {environment.name!r}"
        raise ConfigError(msg, f"add it to allowed_source_hosts in config/{environment.name}.json")


def _address(text: str, where: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port  # reading it is what validates it
    except ValueError as error:
        msg = f"{where}: not a valid address: {error}"
        raise ConfigError(msg, "write it like https://download.open.fda.gov/file.zip") from error
    if url.username is not None:
        msg = f"{where}: an address with credentials is not allowed"
        raise ConfigError(msg, "take the credentials out: the file is in version control")
    if not _ADDRESS.fullmatch(text):
        msg = f"{where}: expected printable ASCII characters without spaces and backslashes (found {shown(text)})"
        raise ConfigError(msg, "write other characters percent-encoded, such as %20")
    return url


def _name_mistakes(config: DatasetConfig) -> Iterator[str]:
    if not _DATASET_NAME.fullmatch(config.dataset):
        yield mismatch("dataset", config.dataset, "2 to 20 lower-case letters and digits, a letter first")
    if not _DISPLAY_NAME.fullmatch(config.display_name):
        yield mismatch("display_name", config.display_name, "letters, digits and hyphens, a letter first")
    if not IDENTIFIER.fullmatch(config.database_name):
        yield mismatch("database_name", config.database_name, IDENTIFIER_WORDS)
    for key in ("bronze_job_name", "silver_job_name", "bronze_crawler_name"):
        if not _RESOURCE_NAME.fullmatch(getattr(config, key)):
            yield mismatch(key, getattr(config, key), "1 to 128 letters, digits, hyphens and underscores")
    known = environment_names()
    for name in config.environments:
        if name not in known:
            yield mismatch("environments", name, f"one of {', '.join(known)}")
    if config.bronze_job_name == config.silver_job_name:
        yield mismatch("silver_job_name", config.silver_job_name, "a name other than bronze_job_name")


def _job_mistakes(config: DatasetConfig) -> Iterator[str]:
    if config.glue_version not in GLUE_VERSIONS:
        expected = f"one of {', '.join(GLUE_VERSIONS)}, whose Spark 3.5 and Python 3.11 the jobs are tested with"
        yield mismatch("glue_version", config.glue_version, expected)
    if config.worker_type not in WORKER_TYPES:
        yield mismatch("worker_type", config.worker_type, f"one of {', '.join(WORKER_TYPES)}")
    if config.execution_class == "FLEX" and config.worker_type not in FLEX_WORKER_TYPES:
        expected = f"one of {', '.join(FLEX_WORKER_TYPES)} with execution_class FLEX"
        yield mismatch("worker_type", config.worker_type, expected)
    minimum_workers = 2
    if config.number_of_workers < minimum_workers:
        yield mismatch("number_of_workers", config.number_of_workers, f"at least {minimum_workers}")
    if not 1 <= config.job_timeout_minutes <= LARGEST_JOB_TIMEOUT_MINUTES:
        expected = f"1 to {LARGEST_JOB_TIMEOUT_MINUTES}"
        yield mismatch("job_timeout_minutes", config.job_timeout_minutes, expected)
    if config.schedule:
        yield from schedule_mistakes(config.schedule)


def _quality_mistakes(config: DatasetConfig) -> Iterator[str]:
    quality = config.data_quality
    for name in _SHARES:
        if not 0 <= getattr(quality, name) <= 1:
            yield mismatch(f"data_quality.{name}", getattr(quality, name), "0 to 1")
    known = {column.name for table in config.silver_tables for column in table.columns}
    for column in sorted(set(quality.required_columns) - known):
        yield mismatch("data_quality.required_columns", column, "a column of a silver table")

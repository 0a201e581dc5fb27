"""Read the configuration of an environment: ``config/<environment>.json``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from _shared.contracts import naming
from _shared.contracts.messages import LISTED_CHOICES, listed, shown
from config.documents import read_document
from config.errors import ConfigError, describe
from config.storage import StorageTiers, tier_mistakes

CONFIG_DIRECTORY = Path(__file__).parent

Days = Annotated[int, Field(ge=1)]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]

_NAME = re.compile(r"[a-z][a-z0-9]{1,9}")
"""Names of environments. They begin the names of buckets (63 characters) and functions (64)."""

SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]{1,512}$")]


class Retention(BaseModel):
    """Days until objects of a zone expire; ``None`` keeps them forever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    raw: Days | None = None
    bronze: Days | None = None
    quarantine: Days | None = None
    noncurrent_versions: Days = 30
    athena_results: Days = 14
    access_logs: Days = 90
    logs: Literal[1, 3, 7, 14, 30, 60, 90, 180, 365] = 30


class Environment(BaseModel):
    """Settings that differ between environments.

    Parameters
    ----------
    account, region
        Account and region of the deployment. Only the local environment takes the caller's
        (:func:`config.rules.check_deployable`).
    prefix
        With the environment's name: prefix of the lake bucket's name, and name of the Athena workgroup.
    alert_email
        Address that is subscribed to the alert topic. Only the local environment needs none.
    allowed_source_hosts
        Hosts from which sources may be fetched.
    source_secrets
        By dataset, the name of the Secrets Manager secret with the key of its licensed sources.
    personal_key_secret
        Name of the Secrets Manager secret with the key for hashes of personal data. Only datasets with columns that are
        declared as ``"personal": "hash"`` need it.
    allowed_source_schemes
        ``https`` in all environments except the local one.
    encrypt_glue_logs
        Whether jobs and crawlers use a Glue security configuration. The local cloud does not support it.
    encrypt_catalog
        Whether the lake's key encrypts the metadata of the Data Catalog. It is one setting for the whole account and
        region: only for an account that has no other user of the catalog.
    audit_data_events
        Whether CloudTrail records who reads and writes the lake's objects.
    reserved_concurrency
        Reserved concurrent executions of each function. ``None`` reserves none: in a new AWS account the whole quota
        must stay unreserved.
    keep_data
        Whether buckets and key outlive their stack, and stacks have termination protection.
    deploy_with_caller_credentials
        Whether assets are published with the caller's credentials instead of the bootstrap roles.
    tiers
        Cheaper storage classes for old objects.
    dashboards
        Whether CloudWatch has a dashboard of each dataset and one of the lake, which are paid for by the month.
    notify_success
        Whether the alert topic also receives a notice of each published version.
    openlineage_url
        Where the OpenLineage events of each run are sent, besides to the lake, such as https://host/api/v1/lineage.
    daily_budget_usd
        There is an alarm when the Glue jobs of one dataset cost more in a day.
    glue_dpu_hour_usd
        Price of a DPU-hour in the region, from https://aws.amazon.com/glue/pricing/.
    athena_bytes_scanned_cutoff
        Athena cancels a query that scans more bytes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    account: Annotated[str, Field(pattern=r"^\d{12}$")] | None = None
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] | None = None
    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,17}$")] = "pp-raws"
    alert_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    allowed_source_hosts: Annotated[tuple[HostName, ...], Field(min_length=1)]
    allowed_source_schemes: Annotated[tuple[Literal["https", "http"], ...], Field(min_length=1)] = ("https",)
    source_secrets: dict[str, SecretName] = {}
    personal_key_secret: SecretName | None = None
    keep_data: bool = True
    deploy_with_caller_credentials: bool = False
    schedules_enabled: bool = True
    encrypt_glue_logs: bool = True
    encrypt_catalog: bool = False
    audit_data_events: bool = False
    reserved_concurrency: Annotated[int, Field(ge=1)] | None = None
    dashboards: bool = True
    notify_success: bool = False
    openlineage_url: Annotated[str, Field(pattern=r"^https://[^\s?#]+$")] | None = None
    daily_budget_usd: Annotated[float, Field(gt=0)] = 5.0
    glue_dpu_hour_usd: Annotated[float, Field(gt=0)] = 0.44
    athena_bytes_scanned_cutoff: Annotated[int, Field(ge=10_000_000)] = 100_000_000_000
    retention: Retention = Retention()
    tiers: StorageTiers = StorageTiers()

    @property
    def is_local(self) -> bool:
        """Whether it is the environment of the local cloud."""
        return self.name == naming.LOCAL

    @property
    def resource_prefix(self) -> str:
        """Beginning of the names that all datasets share, such as ``prod-pp-raws``."""
        return naming.in_environment(self.name, self.prefix)


def environment_names(directory: Path = CONFIG_DIRECTORY) -> list[str]:
    """Return the names of the environments that have a file."""
    return sorted(path.stem for path in directory.glob("*.json"))


def load_environment(name: str, directory: Path = CONFIG_DIRECTORY) -> Environment:
    """Read and validate ``<name>.json``.

    Raises
    ------
    ConfigError
        The file does not exist or has a mistake. The message names file, key and expected value.
    """
    path = directory / f"{name}.json"
    if not path.is_file():
        msg = f"there is no environment {shown(name)}"
        raise ConfigError(msg, f"choose one of {listed(environment_names(directory), LISTED_CHOICES)}")
    where = f"config/{path.name}"
    if not _NAME.fullmatch(name):
        msg = f"{where}: the file's name is the environment's name"
        raise ConfigError(msg, "name it with 2 to 10 lower-case letters and digits, a letter first")
    document = read_document(path, where)
    if "name" in document:
        msg = f"{where}: name: the file's name is the environment's name"
        raise ConfigError(msg, "take the key out")
    try:
        environment = Environment.model_validate_json(json.dumps({**document, "name": name}), strict=True)
    except ValidationError as error:
        raise ConfigError(describe(where, error)) from error
    retention = environment.retention
    mistakes = list(tier_mistakes(environment.tiers, {"raw": retention.raw, "bronze": retention.bronze}))
    if mistakes:
        raise ConfigError("\n".join(f"{where}: {mistake}" for mistake in mistakes))
    return environment

"""One dataset with the steps that its Lambda functions take, called one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from _shared.contracts.codec import decode_text, encode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import manifest_key, run_record_key
from _shared.contracts.manifest import Manifest
from _shared.contracts.publications import current
from _shared.contracts.run_record import RunRecord
from _shared.contracts.workflow import FetchRequest, FetchResult, PublishResult, UpdateRequest
from _shared.lambdas.libs.aws.alerts import Alert, Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.sink.catalog import reconcile
from _shared.lambdas.libs.sink.wanted_tables import Declarations
from _shared.lambdas.libs.steps.failure import FailureServices, record_failure
from _shared.lambdas.libs.steps.fetch import FetchServices, fetch_and_hash
from _shared.lambdas.libs.steps.publish import UpdateServices, update
from tests._shared.lambdas.support import (
    BUCKET,
    EXECUTION,
    LINEAGE,
    NOW,
    RULES,
    STARTED,
    Source,
    config_for,
    keys,
    reports_of,
    text_of,
    write_reports,
)
from tests.local_cloud.step_functions.support import (
    context,
    sns_client,
    states_client,
    status_event,
)


@dataclass
class World:
    """The lake, the catalog and the source; whether executions run is what the test says."""

    storage: LakeStorage
    glue: Any
    source: Source
    http: Any
    topic: str
    ended: frozenset[str] = frozenset()
    names: tuple[str, ...] = ("pills",)

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.glue, "pills_db")

    @property
    def config(self) -> DatasetConfig:
        """The dataset, with as many silver tables as there are names."""
        one = config_for(self.source.address)
        return replace(one, silver_tables=tuple(replace(one.silver_tables[0], name=name) for name in self.names))

    def fetch(self, execution: str = EXECUTION, started_at: str = STARTED) -> FetchResult:
        services = FetchServices(self.storage, self.http, lambda arn: arn not in self.ended, self.catalog, lambda: NOW)
        settings = FetchSettings(BUCKET, "lake_db", "f" * 64, RULES, 3600)
        request = FetchRequest(context(execution, started_at))
        return fetch_and_hash(request, self.config, settings, services)

    def process(self, fetched: FetchResult) -> None:
        """Leave what the jobs leave."""
        assert fetched.version is not None
        bronze, silver = reports_of(fetched.run_id, fetched.version)
        (counts,), (check,) = silver.tables, silver.checks
        places = {name: counts.location.replace("silver/pills/", f"silver/{name}/") for name in self.names}
        tables = [replace(counts, table=name, location=places[name], sources=("pills",)) for name in self.names]
        checks = [replace(check, table=name) for name in self.names]
        write_reports(self.storage, bronze, replace(silver, tables=tuple(tables), checks=tuple(checks)))

    def publish(self, fetched: FetchResult, execution: str = EXECUTION, started_at: str = STARTED) -> PublishResult:
        request = UpdateRequest(context(execution, started_at), {"fetch": encode(fetched)})
        services = UpdateServices(
            self.storage, self.catalog, lambda _: (), LINEAGE, None, lambda: NOW + timedelta(minutes=5)
        )
        return update(request, self.config, services)

    def record_failure(self) -> Alert:
        services = FailureServices(
            self.storage, Executions(states_client()), Alerts(sns_client(), self.topic), self.catalog, LINEAGE
        )
        return record_failure(status_event("ABORTED"), self.config, services)

    def run(self, execution: str = EXECUTION, started_at: str = STARTED) -> PublishResult:
        """A whole run, undisturbed."""
        fetched = self.fetch(execution, started_at)
        self.process(fetched)
        return self.publish(fetched, execution, started_at)

    def read(self) -> dict[str, str]:
        """Where readers of the current tables look."""
        found = {table["Name"]: table for table in self.glue.get_tables(DatabaseName="pills_db")["TableList"]}
        return {name: found[name]["StorageDescriptor"]["Location"] for name in self.names if name in found}

    def manifest(self) -> Manifest:
        return decode_text(Manifest, text_of(self.storage, manifest_key("pills")), "manifest")

    def published(self) -> Manifest | None:
        return self.manifest() if manifest_key("pills") in keys(self.storage) else None

    def agrees(self) -> bool:
        """Whether the catalog is as the manifest says, partitions included."""
        known = self.published()
        if known is None:
            return self.read() == {}
        declared = Declarations(self.config.silver_tables, "f" * 64)
        return self.read() == current(known).locations and reconcile(known, declared, self.catalog) == ()

    def statuses(self) -> list[str]:
        prefix = run_record_key("pills", "").removesuffix(".json")
        return [decode_text(RunRecord, text_of(self.storage, key), key).status for key in keys(self.storage, prefix)]

"""Makes the lake such that a run needs a permission that it needs seldom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from _shared.contracts import naming
from config.datasets import load_dataset
from tests.e2e.conftest import Lake
from tests.e2e.faults import wait_until

ABSENT = {"rxnorm": "rxnorm_concept_history"}
"""A table that a release of the walk does not have."""
Prepare = Callable[[], AbstractContextManager[None]]
_STORAGE: dict[str, Any] = {"Columns": [{"Name": "other", "Type": "string"}], "Location": "s3://elsewhere/"}


@dataclass(frozen=True)
class Needs:
    """What somebody else has done to the lake before a step.

    Parameters
    ----------
    version
        Of the run that goes on.
    """

    lake: Lake
    version: str

    def by_action(self) -> dict[tuple[str, str], Prepare]:
        """Return what makes an action necessary, by who does it."""
        dataset, config = self.lake.dataset, load_dataset(self.lake.dataset)
        crawler, update = f"{dataset}-bronze-crawler", f"{dataset}-update-manifest"
        bronze, table = naming.bronze_table(config.members[0].table), config.silver_tables[0].name
        versions = naming.versions_table(table)
        absent = ABSENT.get(dataset, table)
        return {
            (update, "glue:DeleteTable"): lambda: self.other_table(absent, "version"),
            (f"{dataset}-fetch-and-hash", "states:DescribeExecution"): self.lease_of_another,
            (f"{dataset}-orchestrator", "glue:GetJobRun"): self.no_job_left_over,
            (f"{dataset}-crawl-bronze", "s3:ListBucket"): self.no_report,
            (crawler, "glue:CreateTable"): lambda: self.no_table(bronze),
            (crawler, "glue:UpdateTable"): lambda: self.other_table(bronze, "run"),
            (crawler, "glue:BatchUpdatePartition"): lambda: self.other_partition(bronze, self._run()),
            (update, "glue:CreateTable"): lambda: self.no_table(table, versions),
            (update, "glue:UpdateTable"): lambda: self.other_table(versions, "version"),
            (update, "glue:GetPartitions"): lambda: self.other_table(versions, "version"),
            (update, "glue:BatchCreatePartition"): lambda: self.other_table(versions, "version"),
            (update, "glue:BatchUpdatePartition"): lambda: self.other_partition(versions, self.version),
            (update, "glue:DeletePartition"): lambda: self.other_partition(versions, "1999-01-01"),
        }

    @contextmanager
    def lease_of_another(self) -> Iterator[None]:
        machine = self.lake.state_machine.replace(":stateMachine:", ":execution:")
        put_lease(self.lake, f"{machine}:ended-long-ago")
        yield

    @contextmanager
    def no_job_left_over(self) -> Iterator[None]:
        """Stop the run of the Bronze job that nobody waits for."""
        yield
        job = f"{self.lake.dataset}-bronze-job"
        run = self._glue.get_job_runs(JobName=job)["JobRuns"][0]["Id"]
        self._glue.batch_stop_job_run(JobName=job, JobRunIds=[run])
        ended = {"STOPPED", "SUCCEEDED", "FAILED"}
        wait_until(
            lambda: self._glue.get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"] in ended, f"{run} goes on"
        )

    @contextmanager
    def no_report(self) -> Iterator[None]:
        """Hide what the Bronze job reported."""
        key = f"quality/{self.lake.dataset}/run_id={self._run()}/bronze.json"
        body = self._s3.get_object(Bucket=self.lake.bucket, Key=key)["Body"].read()
        self._s3.delete_object(Bucket=self.lake.bucket, Key=key)
        yield
        self._s3.put_object(Bucket=self.lake.bucket, Key=key, Body=body)

    @contextmanager
    def no_table(self, *names: str) -> Iterator[None]:
        """Have no table of these names: an attempt before may have come as far as making one."""
        for table in self._glue.get_tables(DatabaseName=self._database)["TableList"]:
            if table["Name"] in names:
                self._glue.delete_table(DatabaseName=self._database, Name=table["Name"])
        yield

    @contextmanager
    def other_table(self, name: str, key: str) -> Iterator[None]:
        """Have a table of that name with other columns, elsewhere."""
        with self.no_table(name):
            pass
        keys = [{"Name": key, "Type": "string"}]
        given = {"Name": name, "TableType": "EXTERNAL_TABLE", "PartitionKeys": keys, "StorageDescriptor": _STORAGE}
        self._glue.create_table(DatabaseName=self._database, TableInput={**given, "Parameters": {}})
        yield

    @contextmanager
    def other_partition(self, table: str, value: str) -> Iterator[None]:
        """Have a partition of that value, elsewhere."""
        given = {"Values": [value], "StorageDescriptor": _STORAGE, "Parameters": {}}
        self._glue.create_partition(DatabaseName=self._database, TableName=table, PartitionInput=given)
        yield

    @property
    def _s3(self) -> Any:
        return self.lake.cloud.client("s3")

    @property
    def _glue(self) -> Any:
        return self.lake.cloud.client("glue")

    @property
    def _database(self) -> str:
        return f"{self.lake.dataset}_db"

    def _run(self) -> str:
        """Return the run that goes on: the last that left bronze."""
        newest = max(key for key in self.lake.keys(f"quality/{self.lake.dataset}/") if key.endswith("/bronze.json"))
        return newest.split("run_id=")[1].split("/")[0]


def lease_key(lake: Lake) -> str:
    """Return the key of the dataset's lease."""
    return f"manifests/{lake.dataset}/lease.json"


def put_lease(lake: Lake, owner: str) -> None:
    """Let an execution hold the lease."""
    times = {"acquired_at": "2026-01-01T00:00:00Z", "expires_at": "2999-01-01T00:00:00Z"}
    body = json.dumps({"dataset": lake.dataset, "owner": owner, **times}).encode()
    lake.cloud.client("s3").put_object(Bucket=lake.bucket, Key=lease_key(lake), Body=body)

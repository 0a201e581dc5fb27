"""A production environment beside the local one: deployed, deleted, deployed again, and bound to its own templates.

Its form is that of ``config/prod.json``, but for what the local cloud does not have: bootstrap roles and security
configurations of Glue.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import NOT_COPIED, PROJECT, Lake
from tests.outcomes import record_outcome

ACCOUNT, REGION = "000000000000", "us-east-1"
BASE, NSDE = "PP-RAWS-DataLake-Base", "PP-RAWS-NSDE-Orchestrator"
BUCKET = f"prod-pp-raws-lake-{ACCOUNT}-{REGION}"
GIVEN = {
    "account": ACCOUNT, "region": REGION, "alert_email": "data@example.org", "deploy_with_caller_credentials": True,
    "encrypt_glue_logs": False, "allowed_source_schemes": ["https", "http"],
}  # fmt: skip


@dataclass
class Production:
    """The project with a production environment in the local cloud's account."""

    project: Path
    lake: Lake

    @property
    def cloud(self) -> Any:
        return self.lake.cloud

    def run(self, *command: str, fails: bool = False, only_stdout: bool = False, **more: str) -> str:
        """Run a command of the project; return what it wrote."""
        variables = {
            **os.environ, **self.cloud.environment(), "LAKE_STATE_DIRECTORY": str(self.cloud.state_directory),
            "CDK_DEFAULT_ACCOUNT": ACCOUNT, "CDK_DEFAULT_REGION": REGION, "PYTHONPATH": str(self.project),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]), **more,
        }  # fmt: skip
        finished = subprocess.run(
            command, cwd=self.project, env=variables, capture_output=True, text=True, check=False, timeout=600
        )
        said = finished.stdout + finished.stderr
        assert bool(finished.returncode) is fails, said[-4000:]
        return finished.stdout if only_stdout else said

    def deploy(self, *, fails: bool = False) -> str:
        return self.run(sys.executable, "-m", "lake", "deploy", "nsde", "--env", "prod", fails=fails)

    def cdk(self, *arguments: str, fails: bool = False, environment: str = "prod") -> str:
        program = str(self.project / "node_modules" / ".bin" / "cdk")
        output = str(self.cloud.state_directory / f"cdk.{environment}")
        return self.run(
            program, *arguments, "--ci", "--no-notices", "-c", f"env={environment}", "--output", output, fails=fails
        )

    def unprotect(self, stack: str) -> None:
        self.cloud.client("cloudformation").update_termination_protection(
            EnableTerminationProtection=False, StackName=f"prod-{stack}"
        )

    def kept(self) -> dict[str, dict[str, str]]:
        """Logical and physical ids of what the base stack keeps when it is deleted."""
        identifiers = {"AWS::S3::Bucket": "BucketName", "AWS::KMS::Key": "KeyId"}
        resources = self.cloud.client("cloudformation").describe_stack_resources(StackName=f"prod-{BASE}")
        return {
            resource["LogicalResourceId"]: {identifiers[resource["ResourceType"]]: resource["PhysicalResourceId"]}
            for resource in resources["StackResources"]
            if resource["ResourceType"] in identifiers
        }


@dataclass
class Analyst:
    """The cloud as somebody sees it who has assumed a role."""

    cloud: Any
    session: dict[str, str]

    def client(self, service: str) -> Any:
        connect: Any = boto3.client
        return connect(
            service,
            endpoint_url=self.cloud.environment()["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id=self.session["AccessKeyId"],
            aws_secret_access_key=self.session["SecretAccessKey"],
            aws_session_token=self.session["SessionToken"],
        )


@pytest.fixture(scope="module")
def production(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Production:
    copy = tmp_path_factory.mktemp("production") / "project"
    shutil.copytree(PROJECT, copy, ignore=NOT_COPIED)
    (copy / "node_modules").symlink_to(PROJECT / "node_modules")
    for environment in ("dev", "prod"):
        path = copy / "config" / f"{environment}.json"
        document = json.loads(path.read_text("utf-8"))
        hosts = [*document["allowed_source_hosts"], "127.0.0.1"]
        path.write_text(json.dumps({**document, **GIVEN, "allowed_source_hosts": hosts}), "utf-8")
    found = Production(copy, replace(lake, environment="prod", bucket=BUCKET))
    found.deploy()
    return found


def test_production_lives_beside_another_environment_and_outlives_its_stacks(
    production: Production, tmp_path: Path
) -> None:
    lake, cloudformation = production.lake, production.cloud.client("cloudformation")
    url = lake.source_url("2019-04-29")

    first = lake.run(source_url=url)
    assert first["status"] == "SUCCEEDED", first
    rows = lake.query("SELECT count(*) AS n FROM nsde")

    refused = production.cdk("destroy", "--force", NSDE, fails=True)
    assert "cannot be deleted while TerminationProtection is enabled" in refused

    kept = production.kept()
    assert sorted(key for identifier in kept.values() for key in identifier) == ["BucketName", "BucketName", "KeyId"]
    for stack in (NSDE, BASE):
        production.unprotect(stack)
    production.cdk("destroy", "--force", NSDE, BASE)
    databases = {database["Name"] for database in production.cloud.client("glue").get_databases()["DatabaseList"]}
    assert "prod_nsde_db" not in databases
    assert lake.keys("manifests/nsde/")

    # The bucket has its name already: nothing is made, and nothing is lost.
    production.deploy(fails=True)
    production.unprotect(BASE)
    cloudformation.delete_stack(StackName=f"prod-{BASE}")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=f"prod-{BASE}", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    mapping = tmp_path / "kept.json"
    mapping.write_text(json.dumps(kept), "utf-8")
    production.cdk("import", BASE, "--resource-mapping", str(mapping))
    production.deploy()
    assert production.kept() == kept

    again = lake.run(source_url=url)
    assert again["status"] == "SUCCEEDED", again
    record = lake.record_of(again)
    assert record["status"] == "SKIPPED", record
    assert lake.query("SELECT count(*) AS n FROM nsde") == rows


def test_a_deployment_passes_the_smoke_test(production: Production) -> None:
    url = production.lake.source_url("2019-04-29")
    command = (sys.executable, "-m", "lake", "smoke", "nsde", "--env", "prod", "--json")
    checks = json.loads(production.run(*command, "--source-url", url, only_stdout=True))
    assert [(check["name"], check["passed"]) for check in checks] == [
        *(("success", True), ("skip", True), ("abort", True), ("redrive", True)),
    ], checks
    for check in checks:
        record_outcome("lake smoke", check["name"], f"{check['seen']} ({check['seconds']:.0f} s)")


def test_an_environment_that_keeps_nothing_is_deployed_deleted_and_deployed_again(production: Production) -> None:
    """The form of config/dev.json."""
    lake = replace(production.lake, environment="dev", bucket=BUCKET.replace("prod-", "dev-"))
    deploy = (sys.executable, "-m", "lake", "deploy", "nsde", "--env", "dev")
    production.run(*deploy)
    url = lake.source_url("2019-04-29")
    assert lake.run(source_url=url)["status"] == "SUCCEEDED"
    rows = lake.query("SELECT count(*) AS n FROM nsde")

    for page in production.cloud.client("s3").get_paginator("list_object_versions").paginate(Bucket=lake.bucket):
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            production.cloud.client("s3").delete_object(
                Bucket=lake.bucket, Key=entry["Key"], VersionId=entry["VersionId"]
            )
    production.cdk("destroy", "--force", NSDE, BASE, environment="dev")
    stacks = production.cloud.client("cloudformation").describe_stacks()["Stacks"]
    assert not [
        stack for stack in stacks if stack["StackName"].startswith("dev-") and "DELETE" not in stack["StackStatus"]
    ]
    buckets = {bucket["Name"] for bucket in production.cloud.client("s3").list_buckets()["Buckets"]}
    assert lake.bucket not in buckets

    production.run(*deploy)
    again = lake.run(source_url=url)
    assert lake.record_of(again)["status"] == "SUCCEEDED"
    assert lake.query("SELECT count(*) AS n FROM nsde") == rows


def test_a_reader_asks_for_published_tables_and_sees_nothing_else(production: Production) -> None:
    lake = production.lake
    if not lake.keys("silver/nsde/"):
        assert lake.run(source_url=lake.source_url("2019-04-29"))["status"] == "SUCCEEDED"
    role = f"arn:aws:iam::{ACCOUNT}:role/prod-pp-raws-reader"
    session = production.cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="analyst")["Credentials"]
    reader = replace(lake, cloud=Analyst(production.cloud, session), workgroup="pp-raws-reader")
    assert reader.query("SELECT count(*) AS n FROM nsde") == lake.query("SELECT count(*) AS n FROM nsde")
    assert reader.query("SELECT count(*) AS n FROM nsde_versions")

    s3 = reader.cloud.client("s3")
    (key, *_) = lake.keys("raw/nsde/")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=BUCKET, Key=key)
    for prefix in ("", "raw/", "bronze/", "quarantine/", "manifests/", "athena-results/"):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=BUCKET)
    asked_by_others = [key for key in lake.keys("athena-results/") if "/reader/" not in key]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=BUCKET, Key=asked_by_others[0])
    with pytest.raises(ClientError, match="AccessDenied"):
        replace(reader, workgroup="pp-raws").query("SELECT 1")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=BUCKET, Key="silver/nsde/x.parquet", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.cloud.client("glue").delete_table(DatabaseName="prod_nsde_db", Name="nsde")
    for bucket_of, database in ((production.lake.bucket.removeprefix("prod-"), "nsde_db"),):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_objects_v2(Bucket=bucket_of, Prefix="silver/nsde/")
        with pytest.raises(ClientError, match="AccessDenied"):
            reader.cloud.client("glue").get_tables(DatabaseName=database)


def test_a_deployed_stack_refuses_the_template_of_another_environment(production: Production) -> None:
    cloudformation = production.cloud.client("cloudformation")
    output = production.project / "cdk.dev"
    context = json.loads((production.project / "cdk.json").read_text("utf-8"))["context"] | {"env": "dev"}
    production.run(sys.executable, "app.py", CDK_OUTDIR=str(output), CDK_CONTEXT_JSON=json.dumps(context))
    template = (output / f"{BASE}.template.json").read_text("utf-8")
    with pytest.raises(ClientError, match="Environment"):
        cloudformation.update_stack(
            StackName=f"prod-{BASE}",
            TemplateBody=template,
            Parameters=[{"ParameterKey": "Environment", "UsePreviousValue": True}],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

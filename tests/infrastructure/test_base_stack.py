from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import load_environment
from stacks.assembly import build_stacks
from stacks.compliance import check_templates
from tests.infrastructure.conftest import ACCOUNT, Document, Synthesized, cdk_app, deployable, spelt_out, template

DATA = {(kind, "RetainExceptOnCreate", "Retain") for kind in ("AWS::S3::Bucket", "AWS::KMS::Key")}
"""Kinds of resources that hold data, with DeletionPolicy and UpdateReplacePolicy."""


def lake_bucket(synthesized: Synthesized) -> Document:
    return next(
        bucket for bucket in synthesized.resources("AWS::S3::Bucket").values() if "LoggingConfiguration" in bucket
    )


def test_lake_bucket_is_named_by_prefix_account_and_region(prod: Synthesized) -> None:
    assert spelt_out(lake_bucket(prod)["BucketName"]) == "prod-pp-raws-lake-<AWS::AccountId>-<AWS::Region>"


def test_lake_bucket_is_encrypted_with_the_lake_key_and_a_bucket_key(prod: Synthesized) -> None:
    [rule] = lake_bucket(prod)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    [key] = prod.resources("AWS::KMS::Key")
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == {"Fn::GetAtt": [key, "Arn"]}


def test_lake_bucket_keeps_versions_and_writes_access_logs(prod: Synthesized) -> None:
    bucket = lake_bucket(prod)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    destination = bucket["LoggingConfiguration"]["DestinationBucketName"]["Ref"]
    assert destination in prod.resources("AWS::S3::Bucket")


def with_options(tmp_path: Path, prod: Synthesized, nsde: DatasetConfig, **options: bool) -> Synthesized:
    """Production with options that are off by default; the rules of cdk-nag are checked as for any other template."""
    app, environment = cdk_app(tmp_path / "out"), deployable(load_environment("prod")).model_copy(update=options)
    build_stacks(app, environment, [nsde], {"nsde": prod.artefacts})
    check_templates(app)
    app.synth()
    base, dataset = (
        template(tmp_path / "out", name) for name in (naming.BASE_STACK, naming.orchestrator_stack("NSDE"))
    )
    return Synthesized(tmp_path / "out", base, dataset, prod.artefacts, nsde)


def test_who_reads_and_writes_the_lake_is_recorded_where_the_environment_says_so(
    tmp_path: Path, prod: Synthesized, nsde: DatasetConfig
) -> None:
    assert not prod.resources("AWS::CloudTrail::Trail")
    made = with_options(tmp_path, prod, nsde, audit_data_events=True)
    trail = made.only("AWS::CloudTrail::Trail")
    [selector] = trail["EventSelectors"]
    assert selector["DataResources"] == [
        {"Type": "AWS::S3::Object", "Values": [{"Fn::Join": ["", [{"Fn::GetAtt": [lake_of(made), "Arn"]}, "/"]]}]}
    ]
    assert selector["IncludeManagementEvents"] is False
    assert trail["EnableLogFileValidation"] is True
    assert "EncryptionKey" in json.dumps(trail["KMSKeyId"])
    key = made.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert [one["Principal"] for one in key if one.get("Sid") == "EncryptTrailsOfThisAccount"] == [
        {"Service": "cloudtrail.amazonaws.com"}
    ]


def test_the_catalogs_metadata_are_encrypted_where_the_account_is_the_lakes_own(
    tmp_path: Path, prod: Synthesized, nsde: DatasetConfig
) -> None:
    assert not prod.resources("AWS::Glue::DataCatalogEncryptionSettings")
    made = with_options(tmp_path, prod, nsde, encrypt_catalog=True)
    settings = made.only("AWS::Glue::DataCatalogEncryptionSettings")["DataCatalogEncryptionSettings"]
    assert settings["EncryptionAtRest"]["CatalogEncryptionMode"] == "SSE-KMS"
    [crawler] = [role for name, role in made.resources("AWS::IAM::Role").items() if "CrawlerRole" in name]
    assert "kms:GenerateDataKey" in json.dumps(crawler["Policies"])


def lake_of(synthesized: Synthesized) -> str:
    """Logical id of the lake bucket."""
    buckets = synthesized.resources("AWS::S3::Bucket").items()
    return next(name for name, bucket in buckets if "LoggingConfiguration" in bucket)


def test_every_bucket_is_private(prod: Synthesized) -> None:
    buckets = prod.resources("AWS::S3::Bucket").values()
    assert len(buckets) == 2
    for bucket in buckets:
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"])
def test_plain_http_is_refused(prod: Synthesized, kind: str) -> None:
    for policy in prod.resources(kind).values():
        assert any(
            statement["Effect"] == "Deny"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            and statement["Principal"] in ({"AWS": "*"}, "*")
            for statement in policy["PolicyDocument"]["Statement"]
        )


def test_old_tls_is_refused_by_the_buckets(prod: Synthesized) -> None:
    for policy in prod.resources("AWS::S3::BucketPolicy").values():
        conditions = [statement.get("Condition") for statement in policy["PolicyDocument"]["Statement"]]
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions


def rules(synthesized: Synthesized) -> dict[str, Document]:
    return {rule["Id"]: rule for rule in lake_bucket(synthesized)["LifecycleConfiguration"]["Rules"]}


def test_each_zone_expires_as_its_environment_says(prod: Synthesized) -> None:
    expiries = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules(prod).values() if "ExpirationInDays" in rule}
    assert expiries == {"bronze/": 365, "quarantine/": 365, "athena-results/": 14}


def test_published_data_and_manifests_never_expire(prod: Synthesized, local: Synthesized) -> None:
    for synthesized in (prod, local):
        for rule in rules(synthesized).values():
            assert "ExpirationInDays" not in rule or rule["Prefix"].split("/")[0] not in (
                "silver",
                "manifests",
                "quality",
            )


def test_noncurrent_versions_expire_and_unfinished_uploads_are_aborted(prod: Synthesized) -> None:
    assert rules(prod)["expire-noncurrent-versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules(prod)["abort-incomplete-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_key_rotates_and_serves_log_groups_alarms_and_rules_of_this_account_only(prod: Synthesized) -> None:
    key = prod.only("AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    by_sid = {statement.get("Sid"): statement for statement in key["KeyPolicy"]["Statement"]}
    logs = by_sid["EncryptLogGroupsOfThisAccount"]
    assert "<AWS::AccountId>" in spelt_out(logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
    for sid, service in (
        ("AlarmsPublishToTheEncryptedTopic", "cloudwatch.amazonaws.com"),
        ("RulesSendToTheEncryptedQueue", "events.amazonaws.com"),
    ):
        assert by_sid[sid]["Principal"] == {"Service": service}
        assert by_sid[sid]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
        assert by_sid[sid]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_each_dataset_has_its_database(prod: Synthesized, datasets: list[DatasetConfig]) -> None:
    databases = [database["DatabaseInput"]["Name"] for database in prod.resources("AWS::Glue::Database").values()]
    names = ["operations_db", *(dataset.database_name for dataset in datasets)]
    assert sorted(databases) == sorted(f"prod_{name}" for name in names)


def test_the_results_of_all_checks_are_a_table_of_the_lake(prod: Synthesized) -> None:
    table = prod.only("AWS::Glue::Table")["TableInput"]
    storage = table["StorageDescriptor"]
    assert table["Name"] == "quality_results"
    assert spelt_out(storage["Location"]).endswith("/quality_results/")
    assert [column["Name"] for column in storage["Columns"]][:3] == ["dataset", "run_id", "version"]


def test_workgroup_cannot_be_overridden_and_is_bounded(prod: Synthesized) -> None:
    workgroup = prod.only("AWS::Athena::WorkGroup", Name="prod-pp-raws")
    settings = workgroup["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["PublishCloudWatchMetricsEnabled"] is True
    assert settings["BytesScannedCutoffPerQuery"] == 100_000_000_000
    result = settings["ResultConfiguration"]
    assert result["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"
    assert spelt_out(result["OutputLocation"]).endswith("/athena-results/")
    assert workgroup["RecursiveDeleteOption"] is False


def test_alerts_and_dead_letters_are_encrypted(prod: Synthesized) -> None:
    [key] = prod.resources("AWS::KMS::Key")
    arn = {"Fn::GetAtt": [key, "Arn"]}
    assert prod.only("AWS::SNS::Topic")["KmsMasterKeyId"] == arn
    assert prod.only("AWS::SQS::Queue")["KmsMasterKeyId"] == arn


def test_alarms_may_publish_to_the_topic(prod: Synthesized) -> None:
    statements = prod.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    [allowed] = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    assert "aws:SourceAccount" in allowed["Condition"]["StringEquals"]


def test_alert_email_is_subscribed_where_the_environment_has_one(prod: Synthesized) -> None:
    subscription = prod.only("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "data@example.org")


@pytest.mark.parametrize(("environment", "policies"), [("prod", DATA), ("dev", set()), ("local", set())])
def test_only_data_and_its_key_outlive_a_stack_and_only_where_the_environment_keeps_data(
    synthesize: Callable[..., Synthesized], environment: str, policies: set[tuple[str, str, str]]
) -> None:
    synthesized = synthesize(environment)
    found = {
        (resource["Type"], resource.get("DeletionPolicy", "Delete"), resource.get("UpdateReplacePolicy", "Delete"))
        for template in (synthesized.base, synthesized.orchestrator)
        for resource in template["Resources"].values()
    }
    assert {one for one in found if one[1:] != ("Delete", "Delete")} == policies


def test_outputs_name_what_users_need(prod: Synthesized) -> None:
    assert {"LakeBucketName", "WorkgroupName"} <= set(prod.base["Outputs"])
    assert prod.base["Outputs"]["WorkgroupName"]["Value"] == "prod-pp-raws"
    assert {"StateMachineArn", "TriggerFunctionName"} <= set(prod.orchestrator["Outputs"])


def test_exports_that_deployed_orchestrators_import_stay(prod: Synthesized) -> None:
    [queue] = prod.resources("AWS::SQS::Queue")
    exported = [output["Value"] for output in prod.base["Outputs"].values() if "Export" in output]
    assert {"Ref": queue} in exported
    assert {"Fn::GetAtt": [queue, "Arn"]} in exported


def test_resources_are_tagged_with_product_environment_and_dataset(prod: Synthesized) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in lake_bucket(prod)["Tags"]}
    assert tags == {"product": "PP-RAWS", "environment": "prod"}
    for function in prod.resources("AWS::Lambda::Function").values():
        tags = {tag["Key"]: tag["Value"] for tag in function["Tags"]}
        assert tags == {"product": "PP-RAWS", "environment": "prod", "dataset": "nsde"}


def test_old_raw_files_move_to_cheaper_storage_in_production(prod: Synthesized, local: Synthesized) -> None:
    rules = {rule["Id"]: rule for rule in lake_bucket(prod)["LifecycleConfiguration"]["Rules"]}
    archive = rules["archive-raw"]
    assert archive["Prefix"] == "raw/"
    assert [(move["StorageClass"], move["TransitionInDays"]) for move in archive["Transitions"]] == [
        ("STANDARD_IA", 30),
        ("GLACIER_IR", 90),
        ("DEEP_ARCHIVE", 365),
    ]
    assert not any("Transitions" in rule for rule in lake_bucket(local)["LifecycleConfiguration"]["Rules"])

"""Least privilege, read from the synthesized roles. Runs with IAM enforced show that it suffices."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

import pytest

from _shared.contracts import layout
from stacks.access.lake_access import folders, zone
from tests.infrastructure.conftest import ACCOUNT, Document, Synthesized, spelt_out

BUCKET = "arn:<AWS::Partition>:s3:::prod-pp-raws-lake-<AWS::AccountId>-<AWS::Region>"
DATABASE = "arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:"

ANY_RESOURCE = {
    "xray:PutTraceSegments": "X-Ray knows no resources",
    "xray:PutTelemetryRecords": "X-Ray knows no resources",
    "xray:GetSamplingRules": "X-Ray knows no resources",
    "xray:GetSamplingTargets": "X-Ray knows no resources",
    "cloudwatch:PutMetricData": "knows no resources; confined to a namespace by a condition",
    "logs:CreateLogDelivery": "log delivery knows no resources",
    "logs:GetLogDelivery": "log delivery knows no resources",
    "logs:UpdateLogDelivery": "log delivery knows no resources",
    "logs:DeleteLogDelivery": "log delivery knows no resources",
    "logs:ListLogDeliveries": "log delivery knows no resources",
    "logs:PutResourcePolicy": "log delivery knows no resources",
    "logs:DescribeResourcePolicies": "log delivery knows no resources",
    "logs:DescribeLogGroups": "log delivery knows no resources",
}
"""Actions that may name ``*`` as their resource, and why."""

ROLES = (
    "FetchAndHash",
    "CrawlBronze",
    "UpdateManifest",
    "RecordFailure",
    "RetryJob",
    "Trigger",
    "JobsBronze",
    "JobsSilver",
    "Crawler",
    "Workflow",
    "Schedule",
)

RUN = "20260101T000000Z-00000000"


def listed(value: object) -> list[str]:
    return [spelt_out(item) for item in value] if isinstance(value, list) else [spelt_out(value)]


def statements(synthesized: Synthesized, role: str) -> Iterator[tuple[list[str], list[str], Document]]:
    roles = [
        properties for name, properties in synthesized.resources("AWS::IAM::Role").items() if f"{role}Role" in name
    ]
    if role == "Schedule" and synthesized.dataset.schedule is None:
        assert roles == []
        return
    [found] = roles
    assert "ManagedPolicyArns" not in found
    [policy] = found["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        yield listed(statement["Action"]), listed(statement["Resource"]), statement.get("Condition", {})


def allows(synthesized: Synthesized, role: str, action: str, resource: str) -> bool:
    return any(
        action in actions and any(fnmatchcase(resource, pattern) for pattern in resources)
        for actions, resources, _ in statements(synthesized, role)
    )


def test_each_function_job_crawler_machine_and_schedule_has_its_own_role(prod: Synthesized) -> None:
    services = [role for role in prod.resources("AWS::IAM::Role").values() if "RoleName" not in role]
    assert len(services) == len(ROLES)
    used = [
        spelt_out(resource[key])
        for kind, key in (
            ("AWS::Lambda::Function", "Role"),
            ("AWS::Glue::Job", "Role"),
            ("AWS::Glue::Crawler", "Role"),
            ("AWS::StepFunctions::StateMachine", "RoleArn"),
        )
        for resource in prod.resources(kind).values()
    ] + [spelt_out(prod.only("AWS::Scheduler::Schedule")["Target"]["RoleArn"])]
    assert len(used) == len(set(used)) == len(ROLES)


def test_roles_have_no_policy_beside_their_own(prod: Synthesized) -> None:
    assert not prod.resources("AWS::IAM::Policy")
    assert not prod.resources("AWS::IAM::ManagedPolicy")


@pytest.mark.parametrize("role", ROLES)
def test_no_action_has_a_wildcard(prod: Synthesized, role: str) -> None:
    for actions, _, _ in statements(prod, role):
        assert not [action for action in actions if "*" in action]


@pytest.mark.parametrize("role", ROLES)
def test_any_resource_is_named_only_by_actions_that_know_none(prod: Synthesized, role: str) -> None:
    for actions, resources, _ in statements(prod, role):
        if "*" in resources:
            assert set(actions) <= set(ANY_RESOURCE)


@pytest.mark.parametrize("role", ROLES)
def test_wildcards_in_resources_stay_below_the_dataset(prod: Synthesized, role: str) -> None:
    own = ("nsde", "/aws-glue/jobs", "/aws-glue/crawlers")
    for _, resources, _ in statements(prod, role):
        for resource in resources:
            if resource != "*" and "*" in resource:
                assert any(name in resource.split("*")[0] for name in own), resource


@pytest.mark.parametrize("role", ROLES)
def test_metrics_are_confined_to_one_namespace(prod: Synthesized, role: str) -> None:
    for actions, _, conditions in statements(prod, role):
        if "cloudwatch:PutMetricData" in actions:
            assert conditions == {"StringEquals": {"cloudwatch:namespace": "Glue"}}


@pytest.mark.parametrize("role", ROLES)
def test_listing_is_confined_to_own_prefixes(prod: Synthesized, role: str) -> None:
    for actions, resources, conditions in statements(prod, role):
        if "s3:ListBucket" in actions:
            assert resources == [BUCKET]
            [(operator, keys)] = conditions.items()
            assert operator == "StringLikeIfExists"
            for pattern in keys["s3:prefix"]:
                assert "nsde" in pattern or "*" not in pattern


@cache
def probes() -> dict[str, str]:
    return {
        "raw": f"{BUCKET}/{layout.raw_prefix('nsde', RUN)}source.zip",
        "release": f"{BUCKET}/{layout.release_key('nsde', RUN)}",
        "bronze": f"{BUCKET}/{layout.bronze_prefix('nsde', RUN)}part-0.parquet",
        "silver": f"{BUCKET}/{layout.silver_prefix('nsde', '2026-01-01', RUN)}part-0.parquet",
        "quarantine": f"{BUCKET}/{layout.quarantine_prefix('nsde', RUN)}part-0.parquet",
        "quality": f"{BUCKET}/{layout.report_key('nsde', RUN, 'bronze')}",
        "manifest": f"{BUCKET}/{layout.manifest_key('nsde')}",
        "lease": f"{BUCKET}/{layout.lease_key('nsde')}",
        "run record": f"{BUCKET}/{layout.run_record_key('nsde', RUN)}",
        "athena": f"{BUCKET}/athena-results/query.csv",
    }


READS = {
    "FetchAndHash": {"raw", "release", "manifest", "lease", "run record"},
    "CrawlBronze": {"quality"},
    "UpdateManifest": {"release", "quality", "manifest", "lease", "run record"},
    "RecordFailure": {"release", "quality", "manifest", "lease", "run record"},
    "JobsBronze": {"raw", "release", "bronze", "quality"},
    "JobsSilver": {"release", "bronze", "silver", "quarantine", "quality"},
    "Crawler": {"bronze"},
    "Trigger": set(),
    "Workflow": set(),
    "Schedule": set(),
}
WRITES = {
    "FetchAndHash": {"raw", "release", "manifest", "lease", "run record"},
    "UpdateManifest": {"manifest", "lease", "run record"},
    "RecordFailure": {"manifest", "lease", "run record"},
    "JobsBronze": {"bronze", "quality"},
    "JobsSilver": {"silver", "quarantine", "quality"},
}
DELETES = {
    "FetchAndHash": {"manifest", "lease", "run record"},
    "UpdateManifest": {"manifest", "lease", "run record"},
    "RecordFailure": {"manifest", "lease", "run record"},
    "JobsBronze": {"bronze"},
    "JobsSilver": {"silver", "quarantine"},
}


@pytest.mark.parametrize("role", ROLES)
def test_role_reads_writes_and_deletes_what_its_step_needs_and_no_more(prod: Synthesized, role: str) -> None:
    for action, expected in (("s3:GetObject", READS), ("s3:PutObject", WRITES), ("s3:DeleteObject", DELETES)):
        allowed = {name for name, resource in probes().items() if allows(prod, role, action, resource)}
        assert allowed == expected.get(role, set()), action


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("sibling", ["nsde2", "cder", "nsde_x"])
def test_no_role_reaches_another_dataset(prod: Synthesized, role: str, sibling: str) -> None:
    for resource in probes().values():
        other = resource.replace("/nsde/", f"/{sibling}/")
        if other != resource:
            for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
                assert not allows(prod, role, action, other)


def test_only_publication_its_failure_and_crawl_change_the_catalog_and_each_its_own_tables(prod: Synthesized) -> None:
    tables = {
        name: f"{DATABASE}table/prod_nsde_db/{name}" for name in ("nsde", "nsde_versions", "bronze_nsde", "other")
    }
    changing = {
        (role, table)
        for role in ROLES
        for table, arn in tables.items()
        if allows(prod, role, "glue:UpdateTable", arn) or allows(prod, role, "glue:CreateTable", arn)
    }
    following = {(role, name) for role in ("UpdateManifest", "RecordFailure") for name in ("nsde", "nsde_versions")}
    assert changing == {*following, ("Crawler", "bronze_nsde")}


def test_jobs_read_the_two_assets_that_they_run(prod: Synthesized) -> None:
    for role, job in (("JobsBronze", "prod-nsde-bronze-job"), ("JobsSilver", "prod-nsde-silver-job")):
        properties = prod.only("AWS::Glue::Job", Name=job)
        for address in (
            properties["Command"]["ScriptLocation"],
            properties["DefaultArguments"]["--extra-py-files"],
        ):
            arn = spelt_out(address).replace("s3://", "arn:<AWS::Partition>:s3:::")
            assert allows(prod, role, "s3:GetObject", arn)


def resources_of(synthesized: Synthesized, role: str, action: str) -> list[str]:
    return [
        resource
        for actions, resources, _ in statements(synthesized, role)
        if action in actions
        for resource in resources
    ]


def roles_with(synthesized: Synthesized, action: str) -> set[str]:
    return {role for role in ROLES if resources_of(synthesized, role, action)}


def test_state_machine_calls_its_own_steps_and_tells_nobody(prod: Synthesized) -> None:
    called = resources_of(prod, "Workflow", "lambda:InvokeFunction")
    assert [arn.split("Function")[1].removeprefix("s") for arn in called] == [
        "FetchAndHash",
        "RetryJob",
        "CrawlBronze",
        "UpdateManifest",
    ]
    jobs = [f"{DATABASE}job/prod-nsde-bronze-job", f"{DATABASE}job/prod-nsde-silver-job"]
    assert resources_of(prod, "Workflow", "glue:StartJobRun") == jobs
    for action in ("sns:Publish", "sqs:SendMessage"):
        assert not resources_of(prod, "Workflow", action)


def test_one_function_handles_the_crawler_and_only_the_pipelines_own(prod: Synthesized) -> None:
    assert roles_with(prod, "glue:StartCrawler") == {"CrawlBronze"}
    assert roles_with(prod, "glue:GetCrawler") == {"CrawlBronze", "Workflow"}
    for role, action in (("CrawlBronze", "glue:StartCrawler"), ("CrawlBronze", "glue:GetCrawler")):
        assert resources_of(prod, role, action) == [f"{DATABASE}crawler/prod-nsde-bronze-crawler"]
    assert resources_of(prod, "Workflow", "glue:GetCrawler") == [f"{DATABASE}crawler/prod-nsde-bronze-crawler"]


def test_one_function_alerts_and_two_read_histories(prod: Synthesized) -> None:
    assert roles_with(prod, "sns:Publish") == {"RecordFailure"}
    readers = {"RecordFailure", "UpdateManifest"}
    assert roles_with(prod, "states:GetExecutionHistory") == readers
    for reader in readers:
        [executions] = resources_of(prod, reader, "states:GetExecutionHistory")
        assert executions.endswith(":execution:prod-nsde-orchestrator:*")


def test_trigger_starts_its_own_state_machine_only(prod: Synthesized) -> None:
    started = resources_of(prod, "Trigger", "states:StartExecution")
    assert [arn.rsplit(":", 1)[1] for arn in started] == ["prod-nsde-orchestrator"]


def test_zones_are_those_of_the_layout() -> None:
    assert layout.raw_prefix("nsde", RUN).startswith(zone("raw", "nsde"))
    assert layout.report_key("nsde", RUN, "bronze").startswith(zone("quality", "nsde"))
    assert layout.quarantine_prefix("nsde", RUN).startswith(zone("quarantine", "nsde"))


def test_folders_of_a_prefix_are_itself_and_its_ancestors() -> None:
    assert folders("bronze/nsde/") == ["bronze", "bronze/", "bronze/nsde"]


def test_services_assume_roles_for_the_pipelines_own_resource_where_they_name_it(prod: Synthesized) -> None:
    trusts = [
        statement
        for role in prod.resources("AWS::IAM::Role").values()
        if "RoleName" not in role
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    ]
    sources = {
        (
            trust["Principal"]["Service"],
            spelt_out(trust.get("Condition", {}).get("StringEquals", {}).get("aws:SourceArn")),
        )
        for trust in trusts
    }
    here = "<AWS::Region>:<AWS::AccountId>"
    assert sources == {
        ("lambda.amazonaws.com", "None"),
        ("glue.amazonaws.com", "None"),
        ("states.amazonaws.com", f"arn:<AWS::Partition>:states:{here}:stateMachine:prod-nsde-orchestrator"),
        ("scheduler.amazonaws.com", f"arn:<AWS::Partition>:scheduler:{here}:schedule-group/default"),
    }
    named = [trust["Condition"]["StringEquals"]["aws:SourceAccount"] for trust in trusts if "Condition" in trust]
    assert set(named) == {ACCOUNT}

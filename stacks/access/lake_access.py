"""Permissions on the lake: S3 by prefix, the KMS key, and the catalog by table."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack

from config.environment import Environment
from stacks.access.permissions import Permission
from stacks.constructs.deployment import SharedResources

READ = ("s3:GetObject",)
PUT = ("s3:PutObject",)
WRITE = ("s3:GetObject", *PUT)
REPLACE = (*WRITE, "s3:DeleteObject")
UPLOAD = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")

_KEYS_OF_A_PREFIX = "Keys below a prefix carry run ids and file names that are not known before the run."
CONDITIONAL_LIST_OPERATOR = "StringLikeIfExists"


def zone(layer: str, name: str) -> str:
    """Return the prefix of one dataset or table in a layer of the lake."""
    return f"{layer}/{name}/"


def objects(shared: SharedResources, actions: Sequence[str], *patterns: str) -> Permission:
    """Allow actions on the objects whose keys match one of the patterns."""
    resources = [shared.lake.arn_for_objects(pattern) for pattern in patterns]
    return Permission(actions, resources, _KEYS_OF_A_PREFIX)


def listing(shared: SharedResources, *prefixes: str) -> Permission:
    """Allow listing prefixes and their ancestors, and getting 404 for a missing key.

    S3 answers 404 for a missing key only if the caller may list the bucket, and 403 otherwise. That check has no
    prefix, so the condition's operator also accepts requests without one. With them the whole bucket can be listed; a
    role of people, who must not see all keys, has :func:`confined_listing`.
    """
    patterns = sorted({pattern for prefix in prefixes for pattern in (*folders(prefix), f"{prefix}*")})
    return _listing(shared, CONDITIONAL_LIST_OPERATOR, patterns)


def confined_listing(shared: SharedResources, *prefixes: str) -> Permission:
    """Allow listing prefixes and nothing else. A missing key is answered with 403."""
    return _listing(shared, "StringLike", [f"{prefix}*" for prefix in prefixes])


def _listing(shared: SharedResources, operator: str, patterns: Sequence[str]) -> Permission:
    return Permission(
        ("s3:ListBucket",), (shared.lake.bucket_arn,), conditions={operator: {"s3:prefix": list(patterns)}}
    )


def folder_markers(shared: SharedResources, *prefixes: str) -> Permission:
    """Allow reading folder markers: Hadoop's file systems probe every ancestor of a path that they write.

    The markers of the prefixes themselves are covered by the permission on the objects under them.
    """
    keys = sorted({folder for prefix in prefixes for folder in folders(prefix)})
    return Permission(READ, [shared.lake.arn_for_objects(key) for key in keys])


def folders(prefix: str) -> list[str]:
    """Return a prefix's ancestors with and without final slash, and the prefix without: ``a/b/`` gives a, a/, a/b.

    The prefix with its slash is left out to save space, because ``a/b/*`` already matches it. A role's policies are
    limited to 10,240 characters.
    """
    names = prefix.rstrip("/").split("/")
    paths = ["/".join(names[: depth + 1]) for depth in range(len(names))]
    return [spelling for path in paths for spelling in (path, f"{path}/")][:-1]


def s3a(shared: SharedResources) -> Permission:
    """Allow what Hadoop's S3A file system asks the bucket beside its objects.

    It looks up the bucket's region, and its committers list a table's unfinished uploads to abort them.
    Source: Hadoop documentation, "Working with IAM Assumed Roles" and "Committing work to S3".
    """
    return Permission(("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), (shared.lake.bucket_arn,))


def lake_key(shared: SharedResources) -> Permission:
    """Allow reading and writing encrypted objects and messages."""
    return Permission(("kms:Decrypt", "kms:GenerateDataKey"), (shared.key.key_arn,))


def lake_key_to_read(shared: SharedResources) -> Permission:
    """Allow reading encrypted objects."""
    return Permission(("kms:Decrypt",), (shared.key.key_arn,))


def catalog(stack: Stack, actions: Sequence[str], database: str, tables: Sequence[str], why: str = "") -> Permission:
    """Allow actions on tables. Glue also checks the catalog and the database."""
    paths = [("catalog", None), ("database", database), *(("table", f"{database}/{table}") for table in tables)]
    return Permission(actions, [glue_arn(stack, kind, name) for kind, name in paths], why)


def glue_arn(stack: Stack, kind: str, name: str | None = None) -> str:
    """Return the ARN of a Glue resource."""
    if name is None:
        return stack.format_arn(service="glue", resource=kind, arn_format=ArnFormat.NO_RESOURCE_NAME)
    return stack.format_arn(service="glue", resource=kind, resource_name=name)


def glue_logs(stack: Stack, environment: Environment, group: str) -> list[Permission]:
    """Allow a job or crawler to write to Glue's log groups under ``/aws-glue/<group>``."""
    arn = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"/aws-glue/{group}*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    if environment.encrypt_glue_logs:
        actions.append("logs:AssociateKmsKey")
    return [Permission(actions, (arn,), "Glue chooses the names of its log groups and streams below this prefix.")]


def metrics(namespace: str) -> Permission:
    """Allow publishing metrics in one namespace."""
    return Permission(
        ("cloudwatch:PutMetricData",),
        ("*",),
        "PutMetricData knows no resources; the condition confines it to one namespace.",
        {"StringEquals": {"cloudwatch:namespace": namespace}},
    )


def tracing(*more: str) -> Permission:
    """Allow sending X-Ray segments."""
    return Permission(
        ("xray:PutTraceSegments", "xray:PutTelemetryRecords", *more), ("*",), "X-Ray's write actions know no resources."
    )


def read_secret(stack: Stack, name: str) -> Permission:
    """Allow reading a secret."""
    arn = stack.format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return Permission(("secretsmanager:GetSecretValue",), (arn,), "Secrets Manager ends each ARN in six characters.")

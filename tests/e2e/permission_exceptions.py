"""Permissions that no run on the local cloud can miss, each with the reason why the pipeline has it all the same."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.e2e.grants import Grant


@dataclass(frozen=True)
class Exempt:
    """Actions that are not missed.

    Parameters
    ----------
    holder, resource
        Patterns of who has the permission, and of the first thing that it is about.
    actions
        Patterns.
    reason
        Why the permission is there, and why no run shows it.
    """

    holder: str
    actions: tuple[str, ...]
    reason: str
    resource: str = "*"

    def covers(self, grant: Grant) -> bool:
        """Tell whether a grant of one action is meant."""
        (action,) = grant.actions
        return (
            fnmatchcase(grant.holder, self.holder)
            and any(fnmatchcase(action, pattern) for pattern in self.actions)
            and fnmatchcase(grant.resources[0], self.resource)
        )


_CRAWLER = "*-bronze-crawler"
_MACHINE = "*-orchestrator"

EXCEPTIONS = (
    Exempt("*", ("xray:*",), "Traces are sent beside the work, which goes on without them; X-Ray is not emulated."),
    Exempt("*", ("cloudwatch:PutMetricData",), "Glue sends metrics beside the work; the local Glue sends none."),
    Exempt(_MACHINE, ("logs:*",), "Step Functions asks for them when a state machine is deployed, not when it runs."),
    Exempt(
        "*",
        ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
        "A function, a job and a crawler whose log is refused do their work in silence, on AWS as here.",
        resource="arn:aws:logs:*",
    ),
    Exempt(
        "*",
        ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
        "An upload in parts that breaks off is cleared away; the release of this walk is too small for parts.",
    ),
    Exempt(
        "*-*-job",
        ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"),
        "S3A asks for the region unless it is told, as here, and for unfinished uploads, which it can do without.",
    ),
    Exempt(
        _MACHINE,
        ("kms:*",),
        "Step Functions encrypts definition and history with the lake's key; the local one does not encrypt them.",
    ),
    Exempt("*-retry-job", ("kms:*",), "Lambda decrypts the function's environment; here it is not encrypted."),
    Exempt(
        "*-crawl-bronze",
        ("kms:*",),
        "Lambda decrypts the variables of a function's environment with it; here they are not encrypted.",
    ),
    Exempt(
        "*-crawl-bronze",
        ("glue:GetTables", "glue:CreatePartition"),
        "It registers partitions where the catalog has the columns; a redriven execution, as in this walk, is crawled.",
    ),
    Exempt(
        "*-update-manifest",
        ("states:GetExecutionHistory",),
        "A version that is published does not fail for want of its durations: the record then has no steps.",
    ),
    Exempt(
        "*-update-manifest",
        ("s3:PutObject",),
        "A version that is published does not fail for want of its lineage: the function's log tells it.",
        resource="*/lineage/*",
    ),
    Exempt(
        _CRAWLER,
        (
            "s3:GetBucketLocation",
            "glue:GetDatabase",
            "glue:GetTables",
            "glue:GetPartition",
            "glue:BatchGetPartition",
            "glue:CreatePartition",
            "glue:UpdatePartition",
        ),
        "Glue's own crawlers look at bucket and database, and at one entry or many; the local one needs fewer calls.",
    ),
    Exempt(
        "*",
        ("s3:GetObject",),
        "Glue's file system looks for markers of the folders above what it reads and writes; the local one does not.",
        resource="arn:aws:s3:::*/bronze",
    ),
    Exempt(_MACHINE, ("glue:GetJobRuns",), "AWS documents it for startJobRun.sync; the local cloud asks for one run."),
    Exempt(_MACHINE, ("glue:BatchStopJobRun",), "It stops the job of an execution that is stopped; this one is not."),
    Exempt(
        "cder-update-manifest",
        ("glue:DeleteTable",),
        "Granted where a source may be absent; each of CDER's tables has another source, so that none ever goes.",
    ),
    Exempt(
        "*-trigger",
        ("sqs:SendMessage", "kms:*"),
        "Lambda keeps an event in the encrypted dead-letter queue that has failed for good, after retries.",
    ),
    Exempt("*-record-failure", ("sqs:SendMessage",), "The same: Lambda keeps what has failed for good."),
    Exempt(
        "*-record-failure",
        ("glue:*",),
        "A failure behind the commit needs them, and that of this walk comes before it; UpdateManifest needs the same.",
    ),
    Exempt("*-schedule", ("*",), "The local scheduler invokes its target without assuming the schedule's role."),
)


def exemption(grant: Grant) -> Exempt | None:
    """Return the exception that covers a grant of one action."""
    return next((exempt for exempt in EXCEPTIONS if exempt.covers(grant)), None)

"""Log groups: encrypted, with the environment's retention."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.deployment import Deployment

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_group(scope: Construct, deployment: Deployment, name: str) -> logs.LogGroup:
    """Create a log group."""
    return logs.LogGroup(
        scope,
        "LogGroup",
        log_group_name=name,
        retention=_RETENTION[deployment.environment.retention.logs],
        encryption_key=deployment.shared.key,
        # Logs have a fixed name, which would be in the way of the next deployment; run records are in the lake.
        removal_policy=RemovalPolicy.DESTROY,
    )

"""Security rules that every template meets before it is deployed: cdk-nag's AWS Solutions and HIPAA packs.

A finding stops the synth, so that a direct ``cdk deploy`` is checked too. Exceptions are acknowledged where the
resource is made (:func:`stacks.access.permissions.acknowledge`).
"""

from __future__ import annotations

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks


def check_templates(app: App) -> None:
    """Check the app's templates when it is synthesized."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), HIPAASecurityChecks(app))

"""The Lambda functions of a dataset's stack, and their shared layer."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.deployment import Deployment
from stacks.constructs.function import ARCHITECTURE, RUNTIME, FunctionSettings, PipelineFunction, python_code


class Functions(Construct):
    """Container of a stack's functions: those of the steps, the trigger and RecordFailure.

    Each dataset's stack has its own layer resource, made from one shared asset: see decision 0014.
    """

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self.deployment = deployment
        self._layer = lambda_.LayerVersion(
            self,
            "Layer",
            description="Shared code and third-party packages of the pipeline's functions",
            code=python_code(deployment.artefacts.layer),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )

    def add(self, settings: FunctionSettings) -> PipelineFunction:
        """Add a function."""
        return PipelineFunction(self, settings.name, deployment=self.deployment, layer=self._layer, settings=settings)

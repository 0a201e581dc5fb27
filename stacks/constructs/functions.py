"""The Lambda functions of a pipeline and the layer they share."""

from __future__ import annotations

from collections.abc import Callable

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.context import Pipeline
from stacks.constructs.function import ARCHITECTURE, RUNTIME, FunctionSettings, PipelineFunction, python_code
from stacks.functions import crawl_bronze, fetch_and_hash, record_failure, trigger, update_manifest


class PipelineFunctions(Construct):
    """Three steps of the state machine, what starts it, and what records how it failed."""

    def __init__(self, scope: Construct, construct_id: str, *, pipeline: Pipeline) -> None:
        super().__init__(scope, construct_id)
        self._pipeline = pipeline
        self._layer = lambda_.LayerVersion(
            self,
            "Layer",
            description="Shared code and third-party packages of the pipeline's functions",
            code=python_code(pipeline.artefacts.layer),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
        self.fetch_and_hash = self._function("FetchAndHash", fetch_and_hash.settings)
        self.crawl_bronze = self._function("CrawlBronze", crawl_bronze.settings)
        self.update_manifest = self._function("UpdateManifest", update_manifest.settings)
        self.record_failure = self._function("RecordFailure", record_failure.settings)
        self.trigger = self._function("Trigger", trigger.settings)

    def _function(self, construct_id: str, settings: Callable[[Pipeline, Stack], FunctionSettings]) -> lambda_.Function:
        return PipelineFunction(
            self,
            construct_id,
            pipeline=self._pipeline,
            layer=self._layer,
            settings=settings(self._pipeline, Stack.of(self)),
        ).function

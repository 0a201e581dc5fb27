"""Build the stacks from the configuration. Used by ``app.py`` and by tests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import (
    App,
    CfnOutput,
    CfnParameter,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    IStackSynthesizer,
    Stack,
    Tags,
)
from aws_cdk import Environment as CdkEnvironment
from constructs import Construct

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.datasets import in_environment, load_datasets
from config.delivery import read_delivery
from config.environment import Environment, load_environment
from config.rules import check_delivery, check_deployable, check_personal_key, check_secrets, check_source
from stacks.base_stack import BaseStack
from stacks.compliance import check_templates
from stacks.constructs.deployment import Deployment
from stacks.delivery_stack import DeliveryStack
from stacks.orchestrator_stack import OrchestratorStack
from stacks.packaging.artefacts import Artefacts, build


@dataclass(frozen=True)
class Stacks:
    """The stacks of one environment."""

    base: BaseStack
    orchestrators: dict[str, OrchestratorStack]


def assemble(app: App, environment_name: str) -> Stacks:
    """Load the configuration of one environment and of every dataset, and build their stacks.

    Raises
    ------
    ConfigError
        A configuration file has a mistake, or the credentials belong to another account than the environment.
    PackagingError
        An artefact could not be built.
    """
    environment = load_environment(environment_name)
    # The CDK command line tells the app whose credentials it has.
    check_deployable(environment, os.environ.get("CDK_DEFAULT_ACCOUNT"))
    datasets = _datasets(environment)
    check_templates(app)
    return build_stacks(app, environment, datasets, build(datasets))


def assemble_delivery(app: App, context: object) -> DeliveryStack:
    """Build the stack of the delivery pipeline, and in its stages the stacks of both environments.

    Raises
    ------
    ConfigError
        A configuration file has a mistake, or the first environment is not in the pipeline's account.
    PackagingError
        An artefact could not be built.
    """
    delivery = read_delivery(context)
    first, last = (load_environment(name) for name in (delivery.first, delivery.last))
    datasets = {one.name: _datasets(one) for one in (first, last)}
    check_delivery(delivery, first, last)
    every = {dataset.dataset: dataset for found in datasets.values() for dataset in found}
    artefacts = build(list(every.values()))
    check_templates(app)
    return DeliveryStack(
        app,
        naming.DELIVERY_STACK,
        delivery=delivery,
        environments=(first, last),
        build=lambda stage, environment: build_stacks(stage, environment, datasets[environment.name], artefacts),
        description="PP-RAWS Data Lake: tests and deployments",
        env=CdkEnvironment(account=delivery.account, region=delivery.region),
    )


def _datasets(environment: Environment) -> list[DatasetConfig]:
    """Load the datasets of an environment, and check that it may fetch them."""
    datasets = [dataset for dataset in load_datasets() if dataset.belongs_to(environment.name)]
    check_secrets(environment, [dataset.dataset for dataset in datasets])
    for dataset in datasets:
        check_source(dataset, environment)
        check_personal_key(dataset, environment)
    return datasets


def build_stacks(
    app: Construct,
    environment: Environment,
    datasets: Sequence[DatasetConfig],
    artefacts: Mapping[str, Artefacts],
) -> Stacks:
    """Add one Base stack and one Orchestrator stack for each dataset to the app, or to a stage of it.

    Parameters
    ----------
    artefacts
        Artefacts of each dataset's stack, by dataset.
    """
    datasets = [in_environment(dataset, environment.name) for dataset in datasets]
    base = BaseStack(
        app,
        naming.BASE_STACK,
        environment=environment,
        datasets=datasets,
        description="PP-RAWS Data Lake: what all datasets share",
        **_options(environment, naming.BASE_STACK),
    )
    orchestrators = {
        dataset.dataset: OrchestratorStack(
            app,
            naming.orchestrator_stack(dataset.display_name),
            deployment=Deployment(environment, dataset, artefacts[dataset.dataset], base.shared),
            description=f"PP-RAWS Data Lake: {dataset.title}",
            **_options(environment, naming.orchestrator_stack(dataset.display_name)),
        )
        for dataset in datasets
    }
    for orchestrator in orchestrators.values():
        orchestrator.add_stack_dependency(base)
    for stack in (base, *orchestrators.values()):
        _bind(stack, environment)
    Tags.of(app).add("product", naming.PRODUCT)
    Tags.of(app).add("environment", environment.name)
    return Stacks(base, orchestrators)


def _options(environment: Environment, stack_id: str) -> dict[str, Any]:
    return {
        "stack_name": naming.in_environment(environment.name, stack_id),
        "env": CdkEnvironment(account=environment.account, region=environment.region),
        "synthesizer": _synthesizer(environment),
        "termination_protection": environment.keep_data,
    }


def _bind(stack: Stack, environment: Environment) -> None:
    """Let CloudFormation refuse the template of another environment.

    An update keeps a parameter's value, which must then be one that the new template allows.
    """
    parameter = CfnParameter(
        stack,
        "Environment",
        default=environment.name,
        allowed_values=[environment.name],
        description="The environment that the stack belongs to; it cannot be changed",
    )
    CfnOutput(stack, "EnvironmentName", value=parameter.value_as_string, description="The stack's environment")


def _synthesizer(environment: Environment) -> IStackSynthesizer:
    if environment.deploy_with_caller_credentials:
        return CliCredentialsStackSynthesizer()
    return DefaultStackSynthesizer()

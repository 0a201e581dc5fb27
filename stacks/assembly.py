"""Build the stacks from the configuration. Used by ``app.py`` and by tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import App, CliCredentialsStackSynthesizer, DefaultStackSynthesizer, IStackSynthesizer, Tags
from aws_cdk import Environment as CdkEnvironment

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.datasets import load_datasets
from config.environment import Environment, load_environment
from config.rules import check_secrets, check_source
from stacks.base_stack import BaseStack
from stacks.constructs.deployment import Deployment
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
        A configuration file has a mistake.
    PackagingError
        An artefact could not be built.
    """
    environment = load_environment(environment_name)
    datasets = [dataset for dataset in load_datasets() if dataset.belongs_to(environment.name)]
    check_secrets(environment, [dataset.dataset for dataset in datasets])
    for dataset in datasets:
        check_source(dataset, environment)
    return build_stacks(app, environment, datasets, build(datasets))


def build_stacks(
    app: App,
    environment: Environment,
    datasets: Sequence[DatasetConfig],
    artefacts: Mapping[str, Artefacts],
) -> Stacks:
    """Add one Base stack and one Orchestrator stack for each dataset to the app.

    Parameters
    ----------
    artefacts
        Artefacts of each dataset's stack, by dataset.
    """
    target = CdkEnvironment(account=environment.account, region=environment.region)
    base = BaseStack(
        app,
        naming.BASE_STACK,
        environment=environment,
        datasets=datasets,
        env=target,
        synthesizer=_synthesizer(environment),
        description="PP-RAWS Data Lake: what all datasets share",
    )
    orchestrators = {
        dataset.dataset: OrchestratorStack(
            app,
            naming.orchestrator_stack(dataset.display_name),
            deployment=Deployment(environment, dataset, artefacts[dataset.dataset], base.shared),
            env=target,
            synthesizer=_synthesizer(environment),
            description=f"PP-RAWS Data Lake: {dataset.title}",
        )
        for dataset in datasets
    }
    for stack in orchestrators.values():
        stack.add_stack_dependency(base)
    Tags.of(app).add("product", naming.PRODUCT)
    Tags.of(app).add("environment", environment.name)
    return Stacks(base, orchestrators)


def _synthesizer(environment: Environment) -> IStackSynthesizer:
    if environment.deploy_with_caller_credentials:
        return CliCredentialsStackSynthesizer()
    return DefaultStackSynthesizer()

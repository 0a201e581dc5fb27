"""Keys of licensed sources: from the user's environment to the local cloud's Secrets Manager.

On AWS the owner of the key creates the secret. On a laptop the key comes from the environment variable
``LAKE_SOURCE_KEY_<DATASET>``, which the local cloud's processes do not inherit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from config.datasets import dataset_names
from config.environment import Environment
from lake import datasets
from lake.aws import secrets
from lake.aws.connection import Connection
from lake.targets import RunningCloud, TargetChoice, choose_target
from lake.ui.output import Output

VARIABLE_PREFIX = "LAKE_SOURCE_KEY_"


def given(environment: Environment, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the keys in the environment, by the name of their secret."""
    keys = {dataset: variables.get(variable(dataset), "").strip() for dataset in environment.source_secrets}
    return {environment.source_secrets[dataset]: key for dataset, key in keys.items() if key}


def variable(dataset: str) -> str:
    """Return the name of the environment variable for a dataset's key."""
    return f"{VARIABLE_PREFIX}{dataset.upper()}"


def store(output: Output, cloud: RunningCloud) -> None:
    """Store the keys of the environment in the local cloud, and print their names, never their values."""
    target = choose_target(TargetChoice.LOCAL, {}, cloud)
    environment = datasets.environment(target.default_environment)
    for name, key in given(environment, os.environ).items():
        secrets.put(Connection(target, environment.region), name, key)
        output.note(f"The secret {name} has the key that this shell gives.")
    for dataset in dataset_names():
        if os.environ.get(variable(dataset)) and dataset not in environment.source_secrets:
            where = f"config/{environment.name}.json"
            output.note(f"{variable(dataset)} is not used: source_secrets of {where} names no secret for {dataset}.")

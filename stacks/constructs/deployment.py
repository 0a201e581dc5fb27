"""Parameters that all constructs of a dataset's stack share."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from _shared.contracts.dataset import DatasetConfig
from config.environment import Environment
from stacks.packaging.artefacts import Artefacts


@dataclass(frozen=True)
class SharedResources:
    """Resources of the Base stack that every dataset uses."""

    key: kms.IKey
    lake: s3.IBucket
    alerts: sns.ITopic
    dead_letters: sqs.IQueue


@dataclass(frozen=True)
class Deployment:
    """One dataset in one environment."""

    environment: Environment
    dataset: DatasetConfig
    artefacts: Artefacts
    shared: SharedResources


def removal_policy(environment: Environment) -> RemovalPolicy:
    """Return whether data, and the key that decrypts it, is kept or deleted with its stack.

    Data of a stack whose creation fails is deleted in any case: it is empty, and would be in the way of the next try.
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if environment.keep_data else RemovalPolicy.DESTROY

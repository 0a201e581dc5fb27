"""Build everything that the stacks of one app upload.

It lands under ``build/`` in folders named by their content: a second synth builds nothing and needs no network, and
what is tested is what is deployed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.dataset import DatasetConfig
from stacks.packaging.fingerprint import fingerprint
from stacks.packaging.glue_library import glue_library, job_script
from stacks.packaging.lambda_code import function_packages, lambda_layer, lambda_package

ROOT = Path(__file__).parents[2]
BUILD_DIRECTORY = ROOT / "build"


@dataclass(frozen=True)
class Artefacts:
    """What one dataset's stack uploads.

    Parameters
    ----------
    layer
        Folder with ``python/``: third-party packages and the shared code of the Lambdas, the same for all datasets.
    functions
        Folder of each Lambda package, by its folder's name under ``_shared/lambdas``: ``app.py`` and ``dataset.json``.
    glue_library
        Zip for ``--extra-py-files``.
    job_script
        Script of every Glue job.
    fingerprint
        SHA-256 over the code and the configuration that make the dataset's tables.
    """

    layer: Path
    functions: Mapping[str, Path]
    glue_library: Path
    job_script: Path
    fingerprint: str


def build(datasets: Sequence[DatasetConfig], root: Path = ROOT, output: Path = BUILD_DIRECTORY) -> dict[str, Artefacts]:
    """Build the artefacts of every dataset, by dataset; what they share is built once.

    Raises
    ------
    PackagingError
        A source file is missing, or third-party packages could not be installed.
    """
    layer, names = lambda_layer(root, output), function_packages(root)
    return {
        config.dataset: Artefacts(
            layer=layer,
            functions={name: lambda_package(name, config, root, output) for name in names},
            glue_library=glue_library(config, root, output),
            job_script=job_script(root),
            fingerprint=fingerprint(config, root),
        )
        for config in datasets
    }

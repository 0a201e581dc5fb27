"""Build all artefacts that the stacks of one app upload.

They are written to ``build/``, in folders named by a hash of their content. A second synthesis builds nothing and needs
no network, and the deployed artefacts are those that were tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.dataset import DatasetConfig
from stacks.packaging.fingerprint import fingerprint
from stacks.packaging.glue_library import glue_library, job_script
from stacks.packaging.lambda_code import function_packages, lambda_layer, lambda_package
from stacks.packaging.wheels import wheels_archive

ROOT = Path(__file__).parents[2]
BUILD_DIRECTORY = ROOT / "build"


@dataclass(frozen=True)
class Artefacts:
    """Artefacts of one dataset's stack.

    Parameters
    ----------
    layer
        Folder with ``python/``: third-party packages and shared code of the Lambdas. The same for all datasets.
    functions
        Folder of each Lambda package (``app.py`` and ``dataset.json``), by the name of its source folder.
    glue_library
        Zip for ``--extra-py-files``.
    wheels
        Zip of wheels that the Silver job adds to Glue's packages. The same for all datasets.
    job_script
        Script of every Glue job.
    fingerprint
        SHA-256 over the code and the configuration that determine the dataset's tables.
    """

    layer: Path
    functions: Mapping[str, Path]
    glue_library: Path
    wheels: Path
    job_script: Path
    fingerprint: str


def build(datasets: Sequence[DatasetConfig], root: Path = ROOT, output: Path = BUILD_DIRECTORY) -> dict[str, Artefacts]:
    """Build the artefacts of every dataset, and return them by dataset. Shared artefacts are built once.

    Raises
    ------
    PackagingError
        A source file is missing, or third-party packages could not be installed.
    """
    layer, names, wheels = lambda_layer(root, output), function_packages(root), wheels_archive(root, output)
    return {
        config.dataset: Artefacts(
            layer=layer,
            functions={name: lambda_package(name, config, root, output) for name in names},
            glue_library=glue_library(config, root, output),
            wheels=wheels,
            job_script=job_script(root),
            fingerprint=fingerprint(config, root),
        )
        for config in datasets
    }

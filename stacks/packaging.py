"""Build what the stacks upload: the Lambda layer, the Lambda packages and the Glue library.

Everything lands under ``build/`` in folders named by their content: a second synth builds nothing
and needs no network, and what is tested is what is deployed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from stacks.staging import copy_tree, shipped_files, staged, write_files, write_zip
from stacks.third_party import PackagingError, install

ROOT = Path(__file__).parent.parent
BUILD_DIRECTORY = ROOT / "build"

FETCH_AND_HASH = "fetch_and_hash"
CRAWL_BRONZE = "crawl_bronze"
UPDATE_MANIFEST = "update_manifest"
RECORD_FAILURE = "record_failure"
TRIGGER = "trigger"
FUNCTIONS = (FETCH_AND_HASH, CRAWL_BRONZE, UPDATE_MANIFEST, RECORD_FAILURE, TRIGGER)

_GLUE_THIRD_PARTY = ("dacite",)


@dataclass(frozen=True)
class Artefacts:
    """What one dataset's stack uploads.

    Parameters
    ----------
    layer
        Folder with ``python/``: third-party packages and the shared code of the Lambdas.
    functions
        Folder of each Lambda package, by function: ``app.py`` and ``dataset.json``.
    glue_library
        Zip for ``--extra-py-files``.
    bronze_script, silver_script
        Glue job scripts.
    fingerprint
        SHA-256 over the library, the scripts and the resolved configuration: what transforms the data.
    """

    layer: Path
    functions: Mapping[str, Path]
    glue_library: Path
    bronze_script: Path
    silver_script: Path
    fingerprint: str


def build(config: DatasetConfig, root: Path = ROOT, output: Path = BUILD_DIRECTORY) -> Artefacts:
    """Build every artefact of one dataset.

    Raises
    ------
    PackagingError
        A source file is missing, or third-party packages could not be installed.
    """
    glue = root / "domains" / config.dataset / "glue"
    bronze_script = _existing(glue / "bronze_job.py")
    silver_script = _existing(glue / "silver_job.py")
    library = glue_library(config, root, output)
    return Artefacts(
        layer=lambda_layer(root, output),
        functions={name: lambda_package(name, config, root, output) for name in FUNCTIONS},
        glue_library=library,
        bronze_script=bronze_script,
        silver_script=silver_script,
        fingerprint=fingerprint(config, library, bronze_script, silver_script),
    )


def lambda_layer(root: Path, output: Path) -> Path:
    """Build the layer: ``requirements/lambda.lock`` and the shared code, under ``python/``."""
    third_party = install(root / "requirements" / "lambda.lock", output)
    files = _shared_files(root, "contracts") | _package_marker(root / "_shared" / "lambdas", root)
    files |= shipped_files(root / "_shared" / "lambdas" / "libs", root)

    def fill(folder: Path) -> None:
        copy_tree(third_party, folder / "python")
        write_files(folder / "python", files)

    return staged(output / f"lambda-layer-{_digest(files, third_party.name)}", fill)


def lambda_package(name: str, config: DatasetConfig, root: Path, output: Path) -> Path:
    """Build one function's package: its entry point and the resolved configuration of the dataset."""
    files = {
        "app.py": _existing(root / "_shared" / "lambdas" / name / "app.py").read_bytes(),
        "dataset.json": encode_text(config).encode(),
    }
    folder = output / config.dataset / f"{name}-{_digest(files)}"
    return staged(folder, lambda target: write_files(target, files))


def glue_library(config: DatasetConfig, root: Path, output: Path) -> Path:
    """Build the zip that both jobs import from, equal bytes for equal sources."""
    third_party = install(root / "requirements" / "glue.lock", output)
    domain = root / "domains" / config.dataset
    files = _shared_files(root, "contracts") | shipped_files(root / "_shared" / "glue_lib", root)
    files |= _package_marker(root / "domains", root) | shipped_files(domain, root)
    files[f"domains/{config.dataset}/config/dataset.json"] = encode_text(config).encode()
    for package in _GLUE_THIRD_PARTY:
        files |= shipped_files(third_party / package, third_party)
    folder = staged(
        output / config.dataset / f"glue-library-{_digest(files)}",
        lambda target: write_zip(target / "library.zip", files),
    )
    return folder / "library.zip"


def fingerprint(config: DatasetConfig, library: Path, *scripts: Path) -> str:
    """Return SHA-256, lower-case hex, of the code and configuration that turn raw into silver."""
    total = hashlib.sha256()
    for content in (library.read_bytes(), *(script.read_bytes() for script in scripts), encode_text(config).encode()):
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def _shared_files(root: Path, package: str) -> dict[str, bytes]:
    return _package_marker(root / "_shared", root) | shipped_files(root / "_shared" / package, root)


def _package_marker(package: Path, root: Path) -> dict[str, bytes]:
    marker = _existing(package / "__init__.py")
    return {marker.relative_to(root).as_posix(): marker.read_bytes()}


def _existing(path: Path) -> Path:
    if not path.is_file():
        msg = f"{path} is missing"
        raise PackagingError(msg, "a dataset has glue/bronze_job.py and glue/silver_job.py, a function has app.py")
    return path


def _digest(files: Mapping[str, bytes], *names: str) -> str:
    total = hashlib.sha256(" ".join(names).encode())
    for name in sorted(files):
        total.update(f"\0{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()[:16]

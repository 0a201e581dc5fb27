"""Build the layer that all functions share, and the package of each function."""

from __future__ import annotations

from pathlib import Path

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from stacks.packaging.staging import content_digest, copy_tree, package_marker, shipped_files, staged, write_files
from stacks.packaging.third_party import install

LAMBDAS = "_shared/lambdas"


def function_packages(root: Path) -> list[str]:
    """Return the names of the functions: the folders that have an ``app.py``."""
    return sorted(path.parent.name for path in (root / LAMBDAS).glob("*/app.py"))


def lambda_layer(root: Path, output: Path) -> Path:
    """Build the layer: ``requirements/lambda.lock`` and the shared code, under ``python/``."""
    third_party = install(root / "requirements" / "lambda.lock", output)
    files = package_marker(root / "_shared", root) | shipped_files(root / "_shared" / "contracts", root)
    files |= package_marker(root / LAMBDAS, root) | shipped_files(root / LAMBDAS / "libs", root)

    def fill(folder: Path) -> None:
        copy_tree(third_party, folder / "python")
        write_files(folder / "python", files)

    return staged(output / f"lambda-layer-{content_digest(files, third_party.name)}", fill)


def lambda_package(name: str, config: DatasetConfig, root: Path, output: Path) -> Path:
    """Build one function's package: its entry point and the dataset's resolved configuration."""
    files = {
        "app.py": (root / LAMBDAS / name / "app.py").read_bytes(),
        "dataset.json": encode_text(config).encode(),
    }
    folder = output / config.dataset / f"{name}-{content_digest(files)}"
    return staged(folder, lambda target: write_files(target, files))

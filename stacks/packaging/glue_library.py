"""Build the zip of modules for a dataset's Glue jobs, and locate the script that all jobs share."""

from __future__ import annotations

from pathlib import Path

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from stacks.packaging.staging import content_digest, existing, package_marker, shipped_files, staged, write_zip
from stacks.packaging.third_party import install

JOB_SCRIPT = "_shared/glue_lib/jobs/run_job.py"

_THIRD_PARTY = ("dacite",)


def job_script(root: Path) -> Path:
    """Return the script of all Glue jobs. Its arguments are dataset and layer."""
    return existing(root / JOB_SCRIPT)


def domain_files(dataset: str, root: Path) -> dict[str, bytes]:
    """Return path and content of a dataset's code and data files, without its configuration files."""
    domain = root / "domains" / dataset
    config = (domain / "config").relative_to(root).as_posix()
    return {name: content for name, content in shipped_files(domain, root).items() if not name.startswith(f"{config}/")}


def glue_library(config: DatasetConfig, root: Path, output: Path) -> Path:
    """Build the library of one dataset. Equal sources give equal bytes."""
    third_party = install(root / "requirements" / "glue.lock", output)
    files = package_marker(root / "_shared", root) | package_marker(root / "domains", root)
    for package in ("_shared/contracts", "_shared/glue_lib"):
        files |= shipped_files(root / package, root)
    files |= domain_files(config.dataset, root)
    files[f"domains/{config.dataset}/config/dataset.json"] = encode_text(config).encode()
    for package in _THIRD_PARTY:
        files |= shipped_files(third_party / package, third_party)
    folder = staged(
        output / config.dataset / f"glue-library-{content_digest(files)}",
        lambda target: write_zip(target / "library.zip", files),
    )
    return folder / "library.zip"

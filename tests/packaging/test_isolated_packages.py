"""What is deployed carries all that it imports: seen by interpreters that have nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from config.datasets import load_dataset
from local_cloud.glue.jobs.python import GLUE_VERSIONS, make_python, provided_packages
from local_cloud.glue.jobs.wheels import pins
from stacks.packaging.artefacts import BUILD_DIRECTORY, ROOT, Artefacts, build
from stacks.packaging.third_party import install
from tests.packaging.isolation import lambda_runtime, run_isolated, run_python, start_isolated

IMPORT_THE_LAYER = """
import importlib, pkgutil
import _shared.contracts, _shared.lambdas.libs
for package in (_shared.contracts, _shared.lambdas.libs):
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
import aws_lambda_powertools, dacite, requests
print("imported")
"""
IMPORT_THE_LIBRARY = """
import importlib, pkgutil
import boto3, _shared.contracts, _shared.glue_lib, domains.nsde
names = [module.name for package in (_shared.contracts, _shared.glue_lib, domains.nsde)
         for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(boto3.__version__, *names)
"""
READ_THE_CONFIGURATION = """
import domains.nsde
from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
text = domains.nsde.__loader__.get_data(domains.nsde.__path__[0] + "/config/dataset.json")
print(decode_text(DatasetConfig, text, "library").bronze_job_name)
"""


@pytest.fixture(scope="module")
def artefacts() -> Artefacts:
    return build([load_dataset("nsde")])["nsde"]


@pytest.fixture(scope="module")
def glue_python(artefacts: Artefacts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has what Glue 5.1 has, and what the Silver job adds."""
    return make_python(tmp_path_factory.mktemp("glue") / "python", "5.1", pins(artefacts.wheels))


def on_glue(python: Path, code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    return run_python(python, "-B", "-c", code, PYTHONPATH=":".join(str(path) for path in paths))


def test_library_imports_with_nothing_else_on_the_path(artefacts: Artefacts) -> None:
    assert run_isolated(READ_THE_CONFIGURATION, artefacts.glue_library).strip() == "nsde-bronze-job"


def test_everything_in_the_layer_imports_with_boto3_alone(artefacts: Artefacts, tmp_path: Path) -> None:
    output = run_isolated(IMPORT_THE_LAYER, artefacts.layer / "python", lambda_runtime(tmp_path / "runtime"))
    assert output.strip() == "imported"


@pytest.mark.parametrize("package", ["pydantic", "duckdb", "pyspark", "aws_cdk", "moto"])
def test_what_lambda_does_not_provide_does_not_import(artefacts: Artefacts, tmp_path: Path, package: str) -> None:
    paths = (artefacts.layer / "python", lambda_runtime(tmp_path / "runtime"))
    finished = start_isolated(f"import {package}", *paths)
    assert f"No module named '{package}'" in finished.stderr


def test_everything_in_the_library_imports_with_the_packages_and_the_sdk_of_glue(
    artefacts: Artefacts, glue_python: Path
) -> None:
    sdk = install(ROOT / "requirements" / "glue-sdk.lock", BUILD_DIRECTORY)
    finished = on_glue(glue_python, IMPORT_THE_LIBRARY, artefacts.glue_library, sdk)
    assert finished.returncode == 0, finished.stderr
    version, *names = finished.stdout.split()
    assert version == provided_packages("5.1")["boto3"]
    assert {"_shared.glue_lib.objects", "_shared.glue_lib.jobs.run_job", "domains.nsde.transforms"} <= set(names)


def test_a_job_of_a_layer_that_there_is_not_ends_with_what_to_do(artefacts: Artefacts, glue_python: Path) -> None:
    sdk = install(ROOT / "requirements" / "glue-sdk.lock", BUILD_DIRECTORY)
    finished = run_python(
        glue_python,
        "-B",
        str(artefacts.job_script),
        *("--lake_bucket", "lake", "--dataset", "nsde", "--layer", "gold", "--run_id", "r1"),
        PYTHONPATH=f"{artefacts.glue_library}:{sdk}",
    )
    last_line = finished.stderr.splitlines()[-1]
    assert last_line.endswith(
        "UnknownLayerError: nsde: there is no layer 'gold'; set the job's argument --layer to bronze or silver"
    )


@pytest.mark.parametrize("package", ["duckdb", "sqlglot", "moto", "ministack", "local_cloud", "_shared"])
def test_what_glue_does_not_provide_does_not_import(glue_python: Path, package: str) -> None:
    finished = on_glue(glue_python, f"import {package}")
    assert f"No module named '{package}'" in finished.stderr


def test_the_locked_sdk_is_the_one_that_glue_provides() -> None:
    lock = (ROOT / "requirements" / "glue-sdk.lock").read_text("utf-8")
    locked = dict(line.split(" ")[0].split("==") for line in lock.splitlines() if "==" in line)
    assert {"boto3", "botocore"} <= set(locked)
    assert locked.items() <= provided_packages("5.1").items()


def test_each_glue_version_that_runs_here_has_its_packages_told() -> None:
    for version in GLUE_VERSIONS:
        assert len(provided_packages(version)) > 40

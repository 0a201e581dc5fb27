"""A job runs with the packages of its Glue version, in the driver and in Spark's workers, and with no other."""

from __future__ import annotations

from typing import Any

import pytest

from config.datasets import load_dataset
from local_cloud.glue.jobs.python import make_python, provided_packages
from stacks.packaging.artefacts import BUILD_DIRECTORY, ROOT, build
from stacks.packaging.third_party import install
from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, make_role, wait_for
from tests.packaging.isolation import run_python

BUCKET = "local-cloud-glue-python"
IMPORTS_IN_A_WORKER = """
import importlib
from pyspark.sql import SparkSession

def tell(names):
    for name in names:
        try:
            yield importlib.import_module(name).__name__
        except ImportError as error:
            yield str(error)

told = SparkSession.builder.getOrCreate().sparkContext.parallelize(["pyarrow", "duckdb"], 1).mapPartitions(tell)
raise SystemExit("; ".join(told.collect()))
"""
USES_THE_LAKE = """
import boto3
from _shared.contracts.errors import ObjectMissingError
from _shared.glue_lib.objects import S3Lake
lake = S3Lake("local-cloud-glue-python")
lake.write_text("lake/text.json", "grün")
assert lake.read_text("lake/text.json") == "grün"
assert lake.read_head("lake/text.json", 2) == b"gr"
try:
    lake.read_text("lake/none.json")
except ObjectMissingError:
    print(boto3.__version__)
"""


@pytest.fixture(scope="module")
def glue(cloud: CloudUnderTest) -> Any:
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    make_role(cloud, "glue-python", "glue.amazonaws.com", allow(["s3:GetObject"], [f"arn:aws:s3:::{BUCKET}/*"]))
    return cloud.client("glue")


def run(cloud: CloudUnderTest, glue: Any, name: str, script: str) -> dict[str, Any]:
    cloud.client("s3").put_object(Bucket=BUCKET, Key=f"code/{name}.py", Body=script.encode())
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/code/{name}.py"}
    glue.create_job(Name=name, Role="glue-python", GlueVersion="5.1", Command=command)
    wanted = {"JobName": name, "RunId": glue.start_job_run(JobName=name)["JobRunId"]}
    ended = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"}
    return wait_for(lambda: glue.get_job_run(**wanted)["JobRun"], lambda told: told["JobRunState"] in ended)


@pytest.mark.parametrize("package", ["pydantic", "duckdb"])
def test_a_job_that_imports_what_glue_does_not_provide_fails(cloud: CloudUnderTest, glue: Any, package: str) -> None:
    told = run(cloud, glue, f"driver-{package}", f"import {package}\n")
    assert told["JobRunState"] == "FAILED"
    assert told["ErrorMessage"] == f"ModuleNotFoundError: No module named '{package}'"


def test_a_worker_imports_what_glue_provides_and_no_more(cloud: CloudUnderTest, glue: Any) -> None:
    told = run(cloud, glue, "worker", IMPORTS_IN_A_WORKER)
    assert told["ErrorMessage"] == "SystemExit: pyarrow; No module named 'duckdb'"


@pytest.mark.usefixtures("glue")
def test_the_library_works_on_s3_with_the_sdk_that_glue_provides(cloud: CloudUnderTest, tmp_path: Any) -> None:
    library = build([load_dataset("nsde")])["nsde"].glue_library
    sdk = install(ROOT / "requirements" / "glue-sdk.lock", BUILD_DIRECTORY)
    python = make_python(tmp_path / "python", "5.1")
    variables = {**cloud.environment(), "PYTHONPATH": f"{sdk}:{library}"}
    finished = run_python(python, "-B", "-c", USES_THE_LAKE, **variables)
    assert finished.stdout.strip() == provided_packages("5.1")["boto3"], finished.stderr

"""Spark configuration of a Glue job on this machine: S3A with the emulator's endpoint, two cores, a quick start."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pyspark

from local_cloud.glue.jobs.class_archive import default_path
from local_cloud.glue.jobs.jars import s3a_jars
from local_cloud.iam.sessions import RoleSession
from local_cloud.java import java_home

DRIVER_MEMORY = "2g"
PROPERTIES = "spark.properties"
"""Name of the properties file in the run's directory."""
# Compilation takes a third of a short job's CPU time. C2 compiles a method after ten times as many calls as by default:
# the smallest job then takes as long as with C1 only, and CDER's silver job a fifth less.
_LATE_C2 = (
    "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 "
    "-XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)
_JVM_OPTIONS = f"{_LATE_C2} -XX:+UseSerialGC -XX:-UsePerfData -Duser.timezone=UTC"
_S3A = "org.apache.hadoop.fs.s3a"
_SPARK_CLOUD = "org.apache.spark.internal.io.cloud"
# Like Glue's own committer: files are uploaded in parts to their final key and appear when the job commits, without
# renames. (A rename would fail here: the SDK of this S3A refuses to copy a KMS-encrypted object over plain HTTP.)
_COMMITTER = {
    "spark.sql.sources.commitProtocolClass": f"{_SPARK_CLOUD}.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": f"{_SPARK_CLOUD}.BindingParquetOutputCommitter",
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3": f"{_S3A}.commit.S3ACommitterFactory",
    "spark.hadoop.fs.s3a.committer.name": "magic",
}


def spark_defaults(endpoint: str, region: str, work: Path, java_options: str, extra: dict[str, str]) -> str:
    """Return the text of the properties file.

    Parameters
    ----------
    endpoint
        Address of the emulator.
    work
        Directory of the run. Spark writes to no other directory of this machine.
    java_options
        Options of the JVM, in addition to those for every job.
    extra
        Settings of the job's ``--conf`` argument, which take precedence.
    """
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": DRIVER_MEMORY,
        "spark.driver.extraClassPath": os.pathsep.join(str(jar) for jar in s3a_jars()),
        "spark.driver.extraJavaOptions": f"{_JVM_OPTIONS} {java_options}",
        "spark.local.dir": str(work / "spark"),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.showConsoleProgress": "false",
        "spark.hadoop.fs.s3.impl": f"{_S3A}.S3AFileSystem",
        "spark.hadoop.fs.s3a.impl": f"{_S3A}.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": region,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.hadoop.fs.s3a.aws.credentials.provider": f"{_S3A}.TemporaryAWSCredentialsProvider",
        "spark.hadoop.fs.s3a.attempts.maximum": "3",
        "spark.hadoop.fs.s3a.retry.limit": "3",
        "spark.hadoop.hadoop.tmp.dir": str(work / "hadoop"),
        **_COMMITTER,
        **extra,
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def parse_conf_argument(value: str) -> dict[str, str]:
    """Parse Glue's ``--conf`` argument: one string with several settings, ``a=1 --conf b=2 --conf c=3``."""
    words = [word for word in shlex.split(value) if word != "--conf"]
    return {name: setting for name, separator, setting in (word.partition("=") for word in words) if separator}


def job_environment(
    session: RoleSession, endpoint: str, work: Path, python: Path, modules: list[Path]
) -> dict[str, str]:
    """Return the environment of a job's process: the role's credentials, and only the job's own modules.

    Parameters
    ----------
    session
        The job role's session.
    python
        Interpreter of the driver and of Spark's workers, with Glue's packages.
    modules
        The downloaded ``--extra-py-files``, which the script can import in addition to Glue's packages.
    """
    return {
        **session.environment(),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
        "HOME": str(work),
        "TMPDIR": str(work / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "JAVA_HOME": str(java_home()),
        "PYTHONPATH": os.pathsep.join(str(module) for module in modules),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYSPARK_PYTHON": str(python),
        "PYSPARK_DRIVER_PYTHON": str(python),
        # The class path must be the same in every run, without directories, or Java ignores its archive of classes.
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_CONF_DIR": str(default_path().with_name("no-spark-conf")),
        "PYSPARK_SUBMIT_ARGS": shlex.join(["--properties-file", str(work / PROPERTIES), "pyspark-shell"]),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }

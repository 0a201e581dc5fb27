"""The S3A connector for Spark 3.5: downloaded once from Maven Central, pinned by SHA-256, and cached.

The list has only the jars that S3A needs for access keys and session tokens: 8 MB instead of the 280 MB of the whole
AWS SDK bundle. Jackson and the commons libraries come with Spark.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyspark

from local_cloud.errors import JarsUnavailableError
from local_cloud.java import java_home

FETCH_SECONDS = 300


@dataclass(frozen=True)
class Jar:
    """A Maven artifact and the SHA-256 of its jar."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Name of the file, as in Maven repositories."""
        return f"{self.artifact}-{self.version}.jar"


_SDK, _SDK_VERSION = "com.amazonaws", "1.12.262"
_HTTP = "org.apache.httpcomponents"
JARS = (
    Jar("org.apache.hadoop", "hadoop-aws", "3.3.4", "53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a"),
    Jar(_SDK, "aws-java-sdk-core", _SDK_VERSION, "06fed99f929c389e168278c1b111aaf1afb270d07202fbbce92e73d1e4279678"),
    Jar(_SDK, "aws-java-sdk-s3", _SDK_VERSION, "a0cb7580178bc0d4d3558295a5bb890008478da8a6b3241989c71238b0ed3be5"),
    Jar(_SDK, "aws-java-sdk-sts", _SDK_VERSION, "659f48d8ebc02025c5042cc4b925f62610e81f334498f1b9e7a271ce20ecbcae"),
    Jar(_SDK, "aws-java-sdk-kms", _SDK_VERSION, "c00f5ae7b334255f661d85512e7203af9523a04fb65d0c431c2eea2003ed8ae2"),
    Jar(
        _SDK, "aws-java-sdk-dynamodb", _SDK_VERSION, "7af4ba06d0d9b3c2ab435089caecd0567810d203aa285f7aa72861f1964d442e"
    ),
    Jar(_SDK, "jmespath-java", _SDK_VERSION, "9001ea993a45d82a2d3086edcbda8a40b4e012d049a70fbf071fd329c0fbd777"),
    Jar(_HTTP, "httpclient", "4.5.13", "6fe9026a566c6a5001608cf3fc32196641f6c1e5e1986d1037ccdbd5f31ef743"),
    Jar(_HTTP, "httpcore", "4.4.13", "e06e89d40943245fcfa39ec537cdbfce3762aecde8f9c597780d2b00c2b43424"),
    Jar("joda-time", "joda-time", "2.8.1", "b4670b95f75957c974284c5f3ada966040be2578f643c5c6083d262162061fa2"),
    # Spark's binding to the S3A committers: any 3.5 version works with any 3.5 version of Spark.
    Jar(
        "org.apache.spark",
        "spark-hadoop-cloud_2.12",
        "3.5.5",
        "7984bfbd83e8dff0d7ee0aed79e6cb916e651ba28b4ecce8a43b97cb669fbe28",
    ),
)


def default_directory() -> Path:
    """Return the user's cache directory of jars."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "pp-raws" / "jars"


def s3a_jars(directory: Path | None = None, jars: tuple[Jar, ...] = JARS) -> list[Path]:
    """Return the paths of the connector's jars. Missing jars are downloaded.

    Parameters
    ----------
    directory
        Directory of the jars; the user's cache by default.
    jars
        Jars to return.

    Raises
    ------
    JarsUnavailableError
        Maven Central cannot be reached, or a jar's checksum differs from the pinned one.
    """
    kept = directory or default_directory()
    missing = [jar for jar in jars if not (kept / jar.file_name).is_file()]
    if missing:
        _fetch(missing, kept)
    for jar in jars:
        _verify(kept / jar.file_name, jar)
    return [kept / jar.file_name for jar in jars]


def _fetch(jars: list[Jar], kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as temporary:
        work = Path(temporary)
        _run_ivy(jars, work)
        for jar in jars:
            fetched = work / "retrieved" / jar.file_name
            _verify(fetched, jar)
            shutil.move(fetched, kept / jar.file_name)


def _run_ivy(jars: list[Jar], work: Path) -> None:
    """Download the jars with Apache Ivy, which is part of pyspark. Its default repository is Maven Central."""
    module = work / "ivy.xml"
    module.write_text(ivy_module(jars), "utf-8")
    command = [
        str(java_home() / "bin" / "java"), "-jar", str(_ivy()), "-ivy", str(module), "-cache", str(work / "cache"),
        "-types", "jar", "-retrieve", str(work / "retrieved" / "[artifact]-[revision].[ext]"),
    ]  # fmt: skip
    remedy = f"connect once to Maven Central, or put the jars into {work.parent} yourself"
    try:
        finished = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        what = f"fetching the S3A connector took longer than {FETCH_SECONDS} s"
        raise JarsUnavailableError(what, remedy) from error
    absent = [jar.file_name for jar in jars if not (work / "retrieved" / jar.file_name).is_file()]
    if absent:
        what = f"the S3A connector could not be fetched ({', '.join(absent)}):\n{_last_lines(finished.stdout)}"
        raise JarsUnavailableError(what, remedy)


def ivy_module(jars: list[Jar]) -> str:
    """Return an Ivy file that requests these jars without their dependencies."""
    wanted = "".join(
        f"<dependency org={quoteattr(jar.group)} name={quoteattr(jar.artifact)} rev={quoteattr(jar.version)}"
        ' transitive="false" conf="default-&gt;master"/>'
        for jar in jars
    )
    return (
        '<ivy-module version="2.0"><info organisation="pp-raws" module="s3a"/>'
        f'<configurations><conf name="default"/></configurations><dependencies>{wanted}</dependencies></ivy-module>'
    )


def _ivy() -> Path:
    return next((Path(pyspark.__file__).parent / "jars").glob("ivy-2.*.jar"))


def _verify(file: Path, jar: Jar) -> None:
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != jar.sha256:
        what = f"{file} is not {jar.group}:{jar.artifact}:{jar.version}: its SHA-256 is {found}, not {jar.sha256}"
        raise JarsUnavailableError(what, "delete the file, so that it is fetched again")


def _last_lines(text: str, count: int = 8) -> str:
    return "\n".join(text.splitlines()[-count:])

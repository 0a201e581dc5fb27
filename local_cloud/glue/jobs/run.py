"""One run of a Glue Spark job: a separate process that acts as the job's role, from start to final state."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_cloud.errors import LocalCloudError
from local_cloud.glue.jobs.class_archive import ClassArchive
from local_cloud.glue.jobs.files import LaunchError, download, download_modules
from local_cloud.glue.jobs.logs import FileShipper, LogStream
from local_cloud.glue.jobs.python import GLUE_VERSIONS, make_python
from local_cloud.glue.jobs.spark_settings import PROPERTIES, job_environment, parse_conf_argument, spark_defaults
from local_cloud.glue.jobs.wheels import added_packages
from local_cloud.iam.sessions import RoleNotAssumableError, RoleSession, assume_as_service

ACTIVE_STATES = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_POLL_SECONDS = 0.1
_SHIP_EVERY_SECONDS = 2.0
_KILL_AFTER_SECONDS = 3.0
_logger = logging.getLogger("local_cloud.glue.jobs.run")


@dataclass
class JobRun:
    """A job run that has not ended.

    Parameters
    ----------
    job
        The job's definition as it was when the run started.
    record
        The response of GetJobRun. Only this class changes its state.
    arguments
        All arguments of the script, ``--name`` to value.
    arn
        ARN of the job.
    timeout_seconds
        After this time the process is killed and the state is TIMEOUT.
    """

    job: dict[str, Any]
    record: dict[str, Any]
    arguments: dict[str, str]
    arn: str
    timeout_seconds: float
    _stopped: threading.Event = field(default_factory=threading.Event)
    _began: float | None = None

    def execute(self) -> None:
        """Run the job to its end. The record always gets a final state."""
        self._began = time.time()
        work = Path(tempfile.mkdtemp(prefix="glue-job-"))
        try:
            self._refuse_unsupported()
            state, message = self._run(work)
        except (LaunchError, RoleNotAssumableError, LocalCloudError) as error:
            state, message = "FAILED", str(error)
        except Exception as error:  # the thread has no caller: the error goes into the record
            _logger.exception("Glue job run %s broke", self.record["Id"])
            state, message = "FAILED", f"The local cloud could not run the job: {type(error).__name__}: {error}"
        finally:
            shutil.rmtree(work, ignore_errors=True)
        self._finish(state, message)

    def wait(self) -> None:
        """Set the state WAITING: the run waits for another run of its job to end."""
        self._update(JobRunState="WAITING")

    def stop(self) -> None:
        """Request the end of the run. Its process is killed and its state becomes STOPPED."""
        if self.record["JobRunState"] == "WAITING":
            self._finish("STOPPED", "")
            return
        self._update(JobRunState="STOPPING")
        self._stopped.set()

    def _refuse_unsupported(self) -> None:
        command = self.job.get("Command", {}).get("Name")
        if command != "glueetl":
            msg = f"The local cloud runs Spark jobs (command glueetl) only; this job's command is {command!r}"
            raise LaunchError(msg)
        version = self.job.get("GlueVersion")
        if version not in GLUE_VERSIONS:
            runs = " or ".join(GLUE_VERSIONS)
            msg = f"The local cloud runs Spark 3.5 (GlueVersion {runs}); this job's is {version}"
            raise LaunchError(msg)

    def _run(self, work: Path) -> tuple[str, str]:
        session = assume_as_service(self.job["Role"], "glue.amazonaws.com", "GlueJobRunnerSession", self.arn)
        archive = ClassArchive.of_job(work)
        process = self._launch(work, session, archive)
        self._update(JobRunState="STOPPING" if self._stopped.is_set() else "RUNNING")
        logs, prefix = session.client("logs"), self.record["LogGroupName"]
        shippers = [
            FileShipper(work / "stdout", LogStream(logs, f"{prefix}/output", self.record["Id"])),
            FileShipper(work / "stderr", LogStream(logs, f"{prefix}/error", self.record["Id"])),
        ]
        try:
            ended = self._wait(process, shippers)
        finally:
            kill_group(process)
        for shipper in shippers:
            shipper.ship(final=True)
        archive.keep()
        return ended or outcome(process.returncode, work / "error")

    def _launch(self, work: Path, session: RoleSession, archive: ClassArchive) -> subprocess.Popen[bytes]:
        s3, endpoint = session.client("s3"), os.environ["AWS_ENDPOINT_URL"]
        script = download(s3, self.job["Command"].get("ScriptLocation", ""), work / "script")
        modules = download_modules(s3, self.arguments.get("--extra-py-files", ""), work / "modules")
        for directory in ("tmp", "run"):
            (work / directory).mkdir()
        added = added_packages(s3, self.arguments, work / "modules")
        python = make_python(work / "python", self.job["GlueVersion"], added)
        extra = parse_conf_argument(self.arguments.get("--conf", ""))
        defaults = spark_defaults(endpoint, session.region, work, archive.options, extra)
        (work / PROPERTIES).write_text(defaults, "utf-8")
        words = [word for name, value in self.arguments.items() for word in (name, value)]
        wait = "" if archive.exists else "wait"
        with (work / "stdout").open("wb") as output, (work / "stderr").open("wb") as errors:
            return subprocess.Popen(
                [str(python), str(_BOOTSTRAP), str(script), str(work / "error"), wait, *words],
                cwd=work / "run",
                env=job_environment(session, endpoint, work, python, modules),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )

    def _wait(self, process: subprocess.Popen[bytes], shippers: list[FileShipper]) -> tuple[str, str] | None:
        """Wait for the end of the process; return the final state if the run was stopped or timed out."""
        deadline = time.monotonic() + self.timeout_seconds
        next_shipping = time.monotonic() + _SHIP_EVERY_SECONDS
        while process.poll() is None:
            now = time.monotonic()
            if self._stopped.is_set():
                return "STOPPED", ""
            if now > deadline:
                return "TIMEOUT", f"Job run exceeded its timeout of {self.record['Timeout']} minutes"
            if now > next_shipping:
                next_shipping = now + _SHIP_EVERY_SECONDS
                for shipper in shippers:
                    shipper.ship()
            time.sleep(_POLL_SECONDS)
        return None

    def _update(self, **changes: Any) -> None:
        self.record.update(changes, LastModifiedOn=time.time())

    def _finish(self, state: str, message: str) -> None:
        now = time.time()
        if message:
            self.record["ErrorMessage"] = message
        seconds = int(now - self._began) if self._began else 0
        self._update(JobRunState=state, CompletedOn=now, ExecutionTime=seconds)
        _logger.info("Glue job run %s of %s: %s %s", self.record["Id"], self.record["JobName"], state, message)


def outcome(exit_code: int, error_file: Path) -> tuple[str, str]:
    """Return the final state and the error message of a process that was not killed."""
    if exit_code == 0:
        return "SUCCEEDED", ""
    if error_file.is_file():
        return "FAILED", error_file.read_text("utf-8")
    return "FAILED", f"Command failed with exit code {exit_code}"


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a job's process and its JVM: SIGTERM first, then SIGKILL."""
    for sent, patience in ((signal.SIGTERM, _KILL_AFTER_SECONDS), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)

"""Run both jobs on a release after a good one, and tell what came of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyspark.sql import SparkSession

from _shared.contracts.errors import MedallionError, ObjectMissingError
from _shared.contracts.layout import profile_key, silver_prefix
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import CheckResult, JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.documents import SILVER, read_report
from _shared.glue_lib.silver.job import run_silver
from config.datasets import load_dataset
from domains.nsde.transforms import TRANSFORMS
from lake import exit_codes
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests.defects.releases import Defect, good, written

CONFIG = load_dataset("nsde")
BEFORE = PreviousVersion("2019-04-28", "20190428T063000Z-0a1b2c3d")
VERSION = "2019-04-29"


def publish_the_day_before(spark: SparkSession, root: Path) -> PreviousVersion:
    """Make a good version that the others are compared with."""
    lake = LocalLake(root)
    report = _run(spark, lake, written(*good()), BEFORE.version, None)
    moved = {
        silver_prefix("nsde", BEFORE.version, RUN_ID): silver_prefix("nsde", BEFORE.version, BEFORE.run_id),
        profile_key("nsde", RUN_ID): profile_key("nsde", BEFORE.run_id),
    }
    for old, new in moved.items():
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(root / old.rstrip("/"), root / new.rstrip("/"))
    profile = root / profile_key("nsde", BEFORE.run_id)
    profile.write_text(profile.read_text("utf-8").replace(RUN_ID, BEFORE.run_id), "utf-8")
    return PreviousVersion(BEFORE.version, BEFORE.run_id, {counts.table: counts.rows_out for counts in report.tables})


def outcome(spark: SparkSession, root: Path, defect: Defect, previous: PreviousVersion) -> tuple[str, str, str, str]:
    """Return defect, end of the run, exit status of ``lake run``, and what the report says."""
    shutil.rmtree((root / profile_key("nsde", RUN_ID)).parent, ignore_errors=True)
    lake, ended, status = LocalLake(root), "published", exit_codes.OK
    try:
        _run(spark, lake, defect.release(), VERSION, previous)
    except MedallionError as error:
        ended, status = f"`{type(error).__name__}`", exit_codes.FAILED
    try:
        report = read_report(lake, "nsde", RUN_ID, SILVER)
    except ObjectMissingError:
        return defect.what, ended, str(status), "no report: the Bronze job failed"
    (counts,) = report.tables
    kept_back = ", ".join(f"{number} {reason}" for reason, number in counts.quarantined.items())
    rows = f"{counts.rows_out:,} of {counts.rows_in:,} rows, {counts.duplicates} duplicates"
    findings = [_told(check) for check in report.checks if not check.passed]
    return defect.what, ended, str(status), "; ".join([rows + (f", {kept_back}" if kept_back else ""), *findings])


def _run(
    spark: SparkSession, lake: LocalLake, body: bytes, version: str, previous: PreviousVersion | None
) -> JobReport:
    put_release(lake, "nsde", {"nsde": body}, version=version, previous=previous)
    run_bronze(spark, CONFIG, lake, RUN_ID)
    return run_silver(spark, CONFIG, TRANSFORMS, lake, RUN_ID)


def _told(check: CheckResult) -> str:
    """Say what a check found, without the samples, whose choice depends on the order of the rows."""
    where = f" on {check.column}" if check.column else ""
    return f"**{check.severity}** `{check.name}`{where}: {check.observed.split(': ')[0]}"

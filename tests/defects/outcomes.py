"""Run both jobs on a release after a good one, and tell what came of it."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from _shared.contracts import metrics, naming
from _shared.contracts.errors import MedallionError, ObjectMissingError
from _shared.contracts.layout import profile_key, silver_prefix
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import CheckResult, JobReport
from _shared.contracts.run_record import FAILED, SUCCEEDED, RunRecord
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.documents import BRONZE, SILVER, read_report
from _shared.glue_lib.silver.job import run_silver
from _shared.lambdas.libs.failure.alert import failure_alert
from _shared.lambdas.libs.run.metrics import run_metrics
from _shared.lambdas.libs.run.reports import Reports, row_counts
from config.datasets import load_dataset
from config.environment import load_environment
from domains.nsde.transforms import TRANSFORMS
from lake import exit_codes
from local_cloud.monitoring.alarms import ALARM, OK, next_state, rule_of
from stacks.assembly import build_stacks
from stacks.packaging.artefacts import build
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests.defects.releases import Defect, good, written
from tests.infrastructure.conftest import cdk_app

CONFIG = load_dataset("nsde")
BEFORE = PreviousVersion("2019-04-28", "20190428T063000Z-0a1b2c3d")
VERSION = "2019-04-29"
_TELLING = {
    metrics.RUNS_FAILED,
    metrics.QUARANTINED_SHARE,
    metrics.CRITICAL_FAILURES,
    metrics.WARNINGS,
    metrics.ANOMALIES,
}


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


def outcome(spark: SparkSession, root: Path, defect: Defect, previous: PreviousVersion) -> tuple[str, ...]:
    """Return defect, end of the run, exit status of ``lake run``, metrics, alarms, notice, and what the report says."""
    shutil.rmtree((root / profile_key("nsde", RUN_ID)).parent, ignore_errors=True)
    lake, ended, status = LocalLake(root), "published", exit_codes.OK
    try:
        _run(spark, lake, defect.release(), VERSION, previous)
    except MedallionError as error:
        ended, status = f"`{type(error).__name__}`", exit_codes.FAILED
    try:
        report = read_report(lake, "nsde", RUN_ID, SILVER)
    except ObjectMissingError:
        return defect.what, ended, str(status), *_signals(_record(ended)), "no report: the Bronze job failed"
    bronze = read_report(lake, "nsde", RUN_ID, BRONZE)
    (counts,) = report.tables
    kept_back = ", ".join(f"{number} {reason}" for reason, number in counts.quarantined.items())
    rows = f"{counts.rows_out:,} of {counts.rows_in:,} rows, {counts.duplicates} duplicates"
    findings = [_told(check) for check in report.checks if not check.passed]
    said = "; ".join([rows + (f", {kept_back}" if kept_back else ""), *findings])
    return defect.what, ended, str(status), *_signals(_record(ended, bronze, report)), said


def _record(ended: str, bronze: JobReport | None = None, silver: JobReport | None = None) -> RunRecord:
    """Return what the functions record of the run, as far as metrics and notice need it."""
    error = None if ended == "published" else ended.strip("`")
    return RunRecord(
        dataset="nsde",
        run_id=RUN_ID,
        execution="arn:aws:states:us-east-1:000000000000:execution:nsde-orchestrator:one",
        status=FAILED if error else SUCCEEDED,
        reason="a release",
        started_at="2019-04-29T06:30:00Z",
        ended_at="2019-04-29T06:31:00Z",
        version=VERSION,
        rows=row_counts(Reports(bronze, silver)) if bronze and silver else {},
        checks=silver.checks if silver else (),
        step=("SilverJob" if silver else "BronzeJob") if error else None,
        error=error,
    )


def _signals(record: RunRecord) -> tuple[str, str, str]:
    """Return the metrics that tell of the defect, the alarms that they set off, and the notice's subject."""
    values = {name: value for name, _, value in run_metrics(record)}
    told = ", ".join(f"{name} {value:g}" for name, value in values.items() if value and name in _TELLING)
    gone_off = [alarm for alarm in run_alarms() if _goes_off(alarm, values)]
    names = [alarm["AlarmName"] for alarm in gone_off] + (["nsde-failed"] if record.status == FAILED else [])
    notice = failure_alert(record, None, "", [], "").subject if record.status == FAILED else "none"
    return told or "none", ", ".join(f"`{name}`" for name in names) or "none", notice


def _goes_off(alarm: dict[str, Any], values: dict[str, float]) -> bool:
    value = values.get(alarm["MetricName"])
    return next_state(rule_of(alarm), [value], OK) == ALARM


@cache
def run_alarms() -> list[dict[str, Any]]:
    """Return the alarms on the metrics of runs, as the template of the local environment has them."""
    with tempfile.TemporaryDirectory() as folder:
        environment = load_environment("local")
        app = cdk_app(Path(folder))
        build_stacks(app, environment, [CONFIG], build([CONFIG]))
        app.synth()
        template = json.loads((Path(folder) / f"{naming.orchestrator_stack('NSDE')}.template.json").read_text("utf-8"))
    resources = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    return [alarm for alarm in resources if alarm["Namespace"] == metrics.namespace(naming.LOCAL)]


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

"""Alarms on what a dataset's runs tell about themselves, in the metrics of :mod:`_shared.contracts.metrics`."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from _shared.contracts import metrics, naming
from stacks.constructs.alarm import BAD, UNCHANGED, AlarmSettings, alarm_on
from stacks.constructs.deployment import Deployment

_TIMEOUT_PERCENT = 80
"""A job that took more of its time-out may not finish the next, larger release."""

_PERCENT = 100
_PERIOD = Duration.minutes(5)


class RunAlarms(Construct):
    """Overdue, many quarantined rows, anomalies, a job close to its time-out, and costs over the budget."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self._name = deployment.dataset.dataset
        self._add_overdue()
        self._add_quarantine()
        self._add_anomaly()
        self._add_timeout()
        self._add_budget()

    def _add_overdue(self) -> None:
        schedule = self._deployment.dataset.schedule
        if schedule is None or not self._deployment.environment.schedules_enabled:
            return
        hours = schedule.overdue_after_hours
        text = (
            f"{self._name}: no run has succeeded or found the source unchanged for {hours} hours. "
            f"See the last run with: lake history {self._name}; start one with: lake run {self._name}."
        )
        # CloudWatch looks back seven days at most, in periods of an hour.
        metric = self._metric(metrics.RUNS_COMPLETED, "Sum", Duration.hours(1))
        settings = AlarmSettings(self._alarm("overdue"), "overdue", text, 1, below=True, periods=hours, missing=BAD)
        self._add("Overdue", metric, settings)

    def _add_quarantine(self) -> None:
        stops = self._deployment.dataset.data_quality.max_quarantined_share
        text = (
            f"{self._name}: more than half as many rows are in quarantine as would stop a version ({stops:.2%}). "
            f"See them by rule with: lake quarantine {self._name}."
        )
        settings = AlarmSettings(self._alarm("quarantine"), "quarantine", text, _PERCENT * stops / 2, missing=UNCHANGED)
        self._add("Quarantine", self._metric(metrics.QUARANTINED_SHARE, "Maximum", _PERIOD), settings)

    def _add_anomaly(self) -> None:
        text = (
            f"{self._name}: a figure of the published version is far from those of the versions before. "
            f"See which, and whether to trust it, with: lake report {self._name}."
        )
        settings = AlarmSettings(self._alarm("anomaly"), "anomaly", text, missing=UNCHANGED)
        self._add("Anomaly", self._metric(metrics.ANOMALIES, "Maximum", _PERIOD), settings)

    def _add_timeout(self) -> None:
        text = (
            f"{self._name}: a job took more than {_TIMEOUT_PERCENT} % of its time-out. "
            "Raise job_timeout_minutes or number_of_workers in its dataset.json before a larger release fails."
        )
        settings = AlarmSettings(
            self._alarm("near-timeout"),
            "near-timeout",
            text,
            _TIMEOUT_PERCENT,
            missing=UNCHANGED,
        )
        self._add("NearTimeout", self._metric(metrics.JOB_TIMEOUT_SHARE, "Maximum", _PERIOD), settings)

    def _add_budget(self) -> None:
        environment = self._deployment.environment
        hours = environment.daily_budget_usd / environment.glue_dpu_hour_usd
        text = (
            f"{self._name}: the jobs of a day used more than {hours:.1f} DPU-hours, "
            f"which is the daily budget of ${environment.daily_budget_usd:g}. "
            f"See which runs with: lake history {self._name}, and what they cost with: lake cost {self._name}."
        )
        settings = AlarmSettings(self._alarm("over-budget"), "over-budget", text, hours)
        self._add("OverBudget", self._metric(metrics.DPU_HOURS, "Sum", Duration.days(1)), settings)

    def _alarm(self, what: str) -> str:
        return naming.alarm(self._deployment.environment.name, self._name, what)

    def _metric(self, name: str, statistic: str, period: Duration) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=metrics.namespace(self._deployment.environment.name),
            metric_name=name,
            dimensions_map={metrics.DIMENSION: self._name},
            statistic=statistic,
            period=period,
        )

    def _add(self, construct_id: str, metric: cloudwatch.Metric, settings: AlarmSettings) -> None:
        alarm_on(self, construct_id, metric=metric, topic=self._deployment.shared.alerts, settings=settings)

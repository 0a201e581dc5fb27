"""The schedule of a pipeline."""

from __future__ import annotations

from aws_cdk import Duration, Stack, TimeZone
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from _shared.contracts import naming
from _shared.contracts.dataset import Schedule
from stacks.access.lake_access import lake_key
from stacks.access.permissions import Permission, service_role
from stacks.constructs.alarm import AlarmSettings, alarm_on
from stacks.constructs.deployment import Deployment


class PipelineSchedule(Construct):
    """An EventBridge Scheduler schedule. It passes the scheduled time to the trigger function."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        schedule: Schedule,
        trigger: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        dataset, shared = deployment.dataset.dataset, deployment.shared
        role = service_role(
            self,
            "scheduler.amazonaws.com",
            f"{dataset}: invoke the trigger on schedule",
            [
                Permission(("lambda:InvokeFunction",), (trigger.function_arn,)),
                Permission(("sqs:SendMessage",), (shared.dead_letters.queue_arn,)),
                lake_key(shared),
            ],
            # EventBridge Scheduler names the group, not the schedule.
            source=Stack.of(self).format_arn(service="scheduler", resource="schedule-group", resource_name="default"),
        )
        scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=naming.schedule(deployment.environment.name, dataset),
            description=f"{deployment.dataset.title}: look for a new release",
            schedule=scheduler.ScheduleExpression.expression(schedule.expression, TimeZone.of(schedule.time_zone)),
            enabled=deployment.environment.schedules_enabled,
            target=targets.LambdaInvoke(
                trigger,
                role=role,
                # The execution's name is derived from the scheduled time, so a repeated delivery starts no second run.
                input=scheduler.ScheduleTargetInput.from_object(
                    {"scheduled_at": scheduler.ContextAttribute.scheduled_time}
                ),
                retry_attempts=3,
                max_event_age=Duration.hours(2),
                dead_letter_queue=shared.dead_letters,
            ),
        )
        alarm_on(
            self,
            "TriggerErrors",
            metric=trigger.metric_errors(period=Duration.minutes(5)),
            topic=shared.alerts,
            settings=AlarmSettings(
                naming.alarm(deployment.environment.name, dataset, "not-started"),
                "not-started",
                f"{dataset}: the trigger failed to start a run. "
                f"See why in the log of the trigger function, and start the run with: lake run {dataset}.",
            ),
        )

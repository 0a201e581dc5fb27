"""Tell people: the one adapter to the SNS topic of alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws_errors import named_errors
from _shared.lambdas.libs.errors import AlertBusyError, AlertRejectedError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_SUBJECT_CHARACTERS = 100
"""Longest subject that SNS takes, ASCII only and on one line."""


@dataclass(frozen=True)
class Alert:
    """A subject on one line, and the message."""

    subject: str
    message: str


class Alerts:
    """One topic, through an SNS client."""

    def __init__(self, client: SNSClient, topic: str) -> None:
        self._client = client
        self._topic = topic

    @classmethod
    def connect(cls, topic: str) -> Alerts:
        """Use the function's own role; ``topic`` is an ARN."""
        return cls(boto3.client("sns", config=CLIENT_CONFIG), topic)

    def send(self, alert: Alert) -> None:
        """Publish an alert; a subject that SNS would not take is cut and spelt in ASCII."""
        subject = " ".join(alert.subject.encode("ascii", "replace").decode().split())
        with named_errors("sns:Publish", self._topic, AlertBusyError, AlertRejectedError):
            self._client.publish(TopicArn=self._topic, Subject=subject[:_SUBJECT_CHARACTERS], Message=alert.message)

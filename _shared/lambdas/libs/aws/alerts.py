"""Adapter to the SNS topic for alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from _shared.contracts.errors import AlertBusyError, AlertRejectedError
from _shared.lambdas.libs.aws.client_config import CLIENT_CONFIG
from _shared.lambdas.libs.aws.service_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_SUBJECT_CHARACTERS = 99
"""SNS accepts subjects with less than 100 characters: ASCII, without line breaks and control characters."""

_MESSAGE_BYTES = 256 * 1024
"""Maximum size of an SNS message in UTF-8."""


@dataclass(frozen=True)
class Alert:
    """Subject line and message text."""

    subject: str
    message: str


class Alerts:
    """One SNS topic."""

    def __init__(self, client: SNSClient, topic: str) -> None:
        self._client = client
        self._topic = topic

    @classmethod
    def connect(cls, topic: str) -> Alerts:
        """Create the adapter with the function's role; ``topic`` is an ARN."""
        return cls(boto3.client("sns", config=CLIENT_CONFIG), topic)

    def send(self, alert: Alert) -> None:
        """Publish an alert. Subject and message are shortened to SNS limits, the subject is converted to ASCII."""
        subject, message = _subject(alert.subject), _message(alert.message)
        with named_errors("sns:Publish", self._topic, AlertBusyError, AlertRejectedError):
            self._client.publish(TopicArn=self._topic, Subject=subject, Message=message)


def _subject(text: str) -> str:
    plain = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(plain.encode("ascii", "replace").decode().split())[:_SUBJECT_CHARACTERS]


def _message(text: str) -> str:
    """Cut a message to the size limit at a character boundary."""
    return text.encode("utf-8", "backslashreplace")[:_MESSAGE_BYTES].decode("utf-8", "ignore")

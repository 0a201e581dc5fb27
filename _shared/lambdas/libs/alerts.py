"""Tell people: the one adapter to the SNS topic of alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from _shared.lambdas.libs.aws_errors import named_errors
from _shared.lambdas.libs.errors import AlertBusyError, AlertRejectedError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_SUBJECT_CHARACTERS = 99
"""SNS takes subjects of less than 100 characters: ASCII, without line breaks and control characters."""

_MESSAGE_BYTES = 256 * 1024
"""What SNS takes as a message, in UTF-8."""


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
        retries = Config(retries={"mode": "standard", "max_attempts": 5})
        return cls(boto3.client("sns", config=retries), topic)

    def send(self, alert: Alert) -> None:
        """Publish an alert; what SNS would not take is shortened, and a subject spelt in ASCII."""
        subject, message = _subject(alert.subject), _message(alert.message)
        with named_errors("sns:Publish", self._topic, AlertBusyError, AlertRejectedError):
            self._client.publish(TopicArn=self._topic, Subject=subject, Message=message)


def _subject(text: str) -> str:
    plain = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(plain.encode("ascii", "replace").decode().split())[:_SUBJECT_CHARACTERS]


def _message(text: str) -> str:
    """Keep the beginning of what is too long; a character is whole or not there."""
    return text.encode("utf-8", "backslashreplace")[:_MESSAGE_BYTES].decode("utf-8", "ignore")

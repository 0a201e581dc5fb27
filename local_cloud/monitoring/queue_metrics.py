"""Count the messages that are sent to a queue. MiniStack has no metrics of queues."""

from __future__ import annotations

from typing import Any

from local_cloud import seams


def install() -> None:
    """Record ``NumberOfMessagesSent`` with each message that is sent."""
    handlers = seams.SQS_HANDLERS.value
    for action, sent in (("SendMessage", _one), ("SendMessageBatch", _successful)):
        handlers[action] = _counted(handlers[action], sent)


def _counted(send: Any, sent: Any) -> Any:
    def count(data: dict[str, Any], url: str) -> dict[str, Any]:
        answer: dict[str, Any] = send(data, url)
        count_sent(str(data.get("QueueUrl", url)).rsplit("/", 1)[-1], sent(answer))
        return answer

    return count


def count_sent(queue: str, messages: int = 1) -> None:
    """Record that messages were sent to a queue, by name."""
    seams.RECORD_METRIC.value("AWS/SQS", "NumberOfMessagesSent", messages, "Count", {"QueueName": queue})


def _one(_answer: dict[str, Any]) -> int:
    return 1


def _successful(answer: dict[str, Any]) -> int:
    return len(answer.get("Successful", []))

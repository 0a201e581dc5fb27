"""Apply the encryption settings of buckets and topics in templates, which MiniStack's CloudFormation ignores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from local_cloud import seams

_TOPIC = "AWS::SNS::Topic"
_KEY = "KmsMasterKeyId"
_Provisioned = tuple[str, dict[str, Any]]


def install() -> None:
    """Extend MiniStack's provisioning of buckets and topics."""
    put, delete = seams.PUT_BUCKET_ENCRYPTION.value, seams.DELETE_BUCKET_ENCRYPTION.value
    configurations = seams.CLOUDFORMATION_BUCKET_MEMBERS.value
    seams.CLOUDFORMATION_BUCKET_MEMBERS.replace((*configurations, ("BucketEncryption", encryption_xml, put, delete)))
    handlers = seams.CLOUDFORMATION_HANDLERS.value[_TOPIC]
    handlers["create"] = _keeping_key(handlers["create"], properties_at=1)
    handlers["update"] = _keeping_key(handlers["update"], properties_at=2)


def encryption_xml(encryption: dict[str, Any]) -> bytes:
    """Convert the property ``BucketEncryption`` to the body of PutBucketEncryption."""
    rules = "".join(_rule(rule) for rule in encryption.get("ServerSideEncryptionConfiguration", []))
    return f"<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>".encode()


def _rule(rule: dict[str, Any]) -> str:
    default = rule.get("ServerSideEncryptionByDefault", {})
    members = "".join(
        f"<{name}>{escape(str(default[name]))}</{name}>"
        for name in ("SSEAlgorithm", "KMSMasterKeyID")
        if default.get(name)
    )
    bucket_key = str(rule.get("BucketKeyEnabled", False)).lower()
    return (
        f"<Rule><ApplyServerSideEncryptionByDefault>{members}</ApplyServerSideEncryptionByDefault>"
        f"<BucketKeyEnabled>{bucket_key}</BucketKeyEnabled></Rule>"
    )


def _keeping_key(provision: Callable[..., _Provisioned], properties_at: int) -> Callable[..., _Provisioned]:
    def provision_with_key(*given: Any, **named: Any) -> _Provisioned:
        answer = provision(*given, **named)
        attributes = seams.TOPIC_BY_ARN.value(answer[0])["attributes"]
        attributes[_KEY] = given[properties_at].get(_KEY, "")
        return answer

    return provision_with_key

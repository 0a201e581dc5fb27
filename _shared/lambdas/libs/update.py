"""UpdateManifest: one function, two actions."""

from __future__ import annotations

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.workflow import PUBLISH, RECORD_FAILURE, FailureNotice, PublishResult, UpdateRequest
from _shared.lambdas.libs.errors import InvalidInputError
from _shared.lambdas.libs.failure import record_failure
from _shared.lambdas.libs.publish import UpdateServices, publish


def update(request: UpdateRequest, config: DatasetConfig, services: UpdateServices) -> PublishResult | FailureNotice:
    """Do what the request's ``action`` says.

    Raises
    ------
    InvalidInputError
        The action is unknown.
    """
    if request.action == PUBLISH:
        return publish(request, config, services)
    if request.action == RECORD_FAILURE:
        return record_failure(request, config, services)
    msg = f"action: expected {PUBLISH!r} or {RECORD_FAILURE!r} (found {request.action!r})"
    raise InvalidInputError(msg)

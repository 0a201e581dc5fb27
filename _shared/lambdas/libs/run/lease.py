"""Lease that allows one execution per dataset at a time, acquired by a conditional write to S3.

The owner is the execution's ARN, so all attempts of a redriven execution are the same owner. Each acquisition
rewrites the object; its new ETag identifies the acquisition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import LeaseLostError, StorageThrottledError
from _shared.contracts.layout import lease_key
from _shared.contracts.manifest import Lease
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp

_ATTEMPTS = 5


@dataclass(frozen=True)
class LeaseClaim:
    """Request for a dataset's lease.

    Parameters
    ----------
    owner
        ARN of the execution.
    now
        Current time, timezone-aware.
    seconds
        Duration of the lease.
    """

    dataset: str
    owner: str
    now: datetime
    seconds: int

    def lease(self) -> Lease:
        """Return the requested lease."""
        expires = self.now + timedelta(seconds=self.seconds)
        return Lease(self.dataset, self.owner, format_timestamp(self.now), format_timestamp(expires))


@dataclass(frozen=True)
class Acquisition:
    """Result of a claim.

    Parameters
    ----------
    etag
        ETag of the acquired lease; ``None`` if it was not acquired.
    holder
        The lease of another execution that prevents the acquisition; ``None`` if there is none.
    """

    etag: str | None = None
    holder: Lease | None = None


def acquire(storage: LakeStorage, claim: LeaseClaim, is_running: Callable[[str], bool]) -> Acquisition:
    """Acquire the lease.

    This succeeds if there is no lease, if the claim's owner holds it already (a retried step, a redriven execution),
    if it has expired, or if its owner is no longer running.

    Parameters
    ----------
    is_running
        Returns whether the execution with an ARN is still running.

    Raises
    ------
    StorageThrottledError
        Concurrent changes of the lease prevented every attempt.
    """
    key = lease_key(claim.dataset)
    text = encode_text(claim.lease())
    # Most often there is no lease: write it before reading, which saves a call.
    found = None
    for _ in range(_ATTEMPTS):
        etag = storage.put_json_if(key, text, found.etag if found else None)
        if etag is not None:
            return Acquisition(etag=etag)
        found = storage.get(key)
        if found is not None:
            held = decode_text(Lease, found.body, storage.address(key))
            if _keeps_out(held, claim, is_running):
                return Acquisition(holder=held)
    msg = f"{storage.address(key)}: changed by others at each of {_ATTEMPTS} attempts"
    raise StorageThrottledError(msg)


def verify(storage: LakeStorage, dataset: str, etag: str | None) -> None:
    """Check that the lease has not changed since its acquisition.

    Raises
    ------
    LeaseLostError
        The lease was released, or acquired by another execution or another attempt of this one.
    """
    found = storage.head(lease_key(dataset))
    if found is None or found.etag != etag:
        msg = f"{storage.address(lease_key(dataset))}: no longer the lease that was taken for this publication"
        raise LeaseLostError(msg, "another execution or attempt holds it; this call stops without publishing")


def give_back(storage: LakeStorage, dataset: str, acquired: Acquisition) -> bool:
    """Release a lease that has not changed since its acquisition; return whether it was released."""
    return acquired.etag is not None and storage.delete_if(lease_key(dataset), acquired.etag)


def release(storage: LakeStorage, dataset: str, owner: str, may_be_released: Callable[[], bool] = lambda: True) -> bool:
    """Release the lease if ``owner`` holds it; return whether it was released.

    Parameters
    ----------
    may_be_released
        Called between reading and deleting the lease. If the lease is acquired again after this call, its ETag
        changes and the conditional delete fails.
    """
    key = lease_key(dataset)
    found = storage.get(key)
    if found is None or decode_text(Lease, found.body, storage.address(key)).owner != owner:
        return False
    return may_be_released() and storage.delete_if(key, found.etag)


def _keeps_out(held: Lease, claim: LeaseClaim, is_running: Callable[[str], bool]) -> bool:
    if held.owner == claim.owner or parse_timestamp(held.expires_at) <= claim.now:
        return False
    return is_running(held.owner)

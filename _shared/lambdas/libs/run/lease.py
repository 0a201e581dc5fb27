"""One execution of a dataset at a time: a lease in the lake, taken by conditional write.

An execution that is redriven keeps its ARN, so its attempts are one owner. Each taking of the lease
writes the object anew, so its ETag tells which of them has it.
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
    """Who asks for a dataset's lease, when, and for how long.

    Parameters
    ----------
    owner
        ARN of the execution.
    now
        Current time, aware.
    seconds
        How long the lease lasts.
    """

    dataset: str
    owner: str
    now: datetime
    seconds: int

    def lease(self) -> Lease:
        """Return the lease that is asked for."""
        expires = self.now + timedelta(seconds=self.seconds)
        return Lease(self.dataset, self.owner, format_timestamp(self.now), format_timestamp(expires))


@dataclass(frozen=True)
class Acquisition:
    """What became of a claim.

    Parameters
    ----------
    etag
        ETag of the lease that is ours now; ``None`` where it is not.
    holder
        The lease of the execution that keeps us out; ``None`` where none does.
    """

    etag: str | None = None
    holder: Lease | None = None


def acquire(storage: LakeStorage, claim: LeaseClaim, is_running: Callable[[str], bool]) -> Acquisition:
    """Take the lease.

    It is free where there is none, where it is ours already (a retried step, a redriven execution),
    where it has expired, and where its owner no longer runs.

    Parameters
    ----------
    is_running
        Tells of an execution's ARN whether it still runs.

    Raises
    ------
    StorageThrottledError
        Others kept changing the lease at the same moment.
    """
    key = lease_key(claim.dataset)
    text = encode_text(claim.lease())
    for _ in range(_ATTEMPTS):
        found = storage.get(key)
        if found is not None:
            held = decode_text(Lease, found.body, storage.address(key))
            if _keeps_out(held, claim, is_running):
                return Acquisition(holder=held)
        etag = storage.put_json_if(key, text, found.etag if found else None)
        if etag is not None:
            return Acquisition(etag=etag)
    msg = f"{storage.address(key)}: changed by others at each of {_ATTEMPTS} attempts"
    raise StorageThrottledError(msg)


def verify(storage: LakeStorage, dataset: str, etag: str | None) -> None:
    """Check that the lease is still as it was when we took it.

    Raises
    ------
    LeaseLostError
        It was given back, or taken since: by another execution, or by another attempt of this one.
    """
    found = storage.head(lease_key(dataset))
    if found is None or found.etag != etag:
        msg = f"{storage.address(lease_key(dataset))}: no longer the lease that was taken for this publication"
        raise LeaseLostError(msg, "whoever holds it now publishes; this call stops where it is")


def release(storage: LakeStorage, dataset: str, owner: str, may_be_released: Callable[[], bool] = lambda: True) -> bool:
    """Give the lease back if it is the owner's; return whether it was given back.

    Parameters
    ----------
    may_be_released
        Asked after the lease was read: whoever takes it again after the answer changes its ETag, and the
        deletion does not happen.
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

"""One execution of a dataset at a time: a lease in the lake, taken by conditional write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.layout import lease_key
from _shared.contracts.manifest import Lease
from _shared.lambdas.libs.errors import StorageThrottledError
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


def acquire(storage: LakeStorage, claim: LeaseClaim, is_running: Callable[[str], bool]) -> Lease | None:
    """Take the lease.

    It is free where there is none, where it is ours already (a retried step, a redriven execution),
    where it has expired, and where its owner no longer runs.

    Parameters
    ----------
    is_running
        Tells of an execution's ARN whether it still runs.

    Returns
    -------
    Lease | None
        The lease of the execution that keeps us out; ``None`` when the lease is ours now.

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
                return held
        if storage.put_json_if(key, text, found.etag if found else None) is not None:
            return None
    msg = f"{storage.address(key)}: changed by others at each of {_ATTEMPTS} attempts"
    raise StorageThrottledError(msg)


def release(storage: LakeStorage, dataset: str, owner: str) -> bool:
    """Give the lease back if it is ours; return whether it was."""
    key = lease_key(dataset)
    found = storage.get(key)
    if found is None or decode_text(Lease, found.body, storage.address(key)).owner != owner:
        return False
    return storage.delete_if(key, found.etag)


def _keeps_out(held: Lease, claim: LeaseClaim, is_running: Callable[[str], bool]) -> bool:
    if held.owner == claim.owner or parse_timestamp(held.expires_at) <= claim.now:
        return False
    return is_running(held.owner)

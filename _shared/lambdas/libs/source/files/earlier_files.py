"""The files of a source that has not changed since an earlier run fetched it."""

from __future__ import annotations

from _shared.contracts.errors import ContractError
from _shared.contracts.release import FetchedSource
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.base import SourceRun
from _shared.lambdas.libs.source.release import find_release


def files_of_earlier_run(run: SourceRun, found: FetchedSource, published_by: str | None) -> FetchedSource | None:
    """Return the source as the earlier run recorded it.

    Parameters
    ----------
    found
        The source as it was probed.
    published_by
        The run that published the state that was found.

    Returns
    -------
    FetchedSource or None
        ``None`` where one of its files has expired from raw, or is not what it was.
    """
    try:
        release = find_release(run.storage, run.dataset, published_by) if published_by else None
    except ContractError:
        LOGGER.exception("the release document of the published run cannot be read: its source is fetched again")
        release = None
    for earlier in release.sources if release else ():
        if earlier.name == found.name and earlier.state == found.state and _are_there(run.storage, earlier):
            return earlier
    return None


def _are_there(storage: LakeStorage, found: FetchedSource) -> bool:
    expected = {member.key: member.bytes for member in found.members}
    return all((info := storage.head(key)) is not None and info.size == size for key, size in expected.items())

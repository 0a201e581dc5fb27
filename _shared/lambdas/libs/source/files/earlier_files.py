"""Find the files of an unchanged source in the raw data of an earlier run."""

from __future__ import annotations

from _shared.contracts.errors import ContractError
from _shared.contracts.release import FetchedSource
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.base import SourceRun
from _shared.lambdas.libs.source.release import find_release


def files_of_earlier_run(run: SourceRun, found: FetchedSource, published_by: str | None) -> FetchedSource | None:
    """Return the source with its files from the release document of the earlier run.

    Parameters
    ----------
    found
        The probed source.
    published_by
        The run that published the source's state.

    Returns
    -------
    FetchedSource or None
        ``None`` if a file has expired from raw or has another size.
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

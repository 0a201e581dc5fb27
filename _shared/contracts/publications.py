"""Which publications readers see. Pure functions of the manifest.

Release order: by release date, then by run id. A run id starts with the start time of the run.
"""

from __future__ import annotations

from dataclasses import replace

from _shared.contracts.errors import ContractError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest, Publication

CURRENT = "current"
"""The current tables show the publication."""

VERSION = "version"
"""The publication is an older release: a partition of the versions tables shows it."""

SUPERSEDED = "superseded"
"""A later run has published the same release date: the publication is in the manifest, but no table shows it."""


def current(manifest: Manifest) -> Publication:
    """Return the current publication: the pinned one, otherwise the latest run of the newest release.

    Raises
    ------
    ContractError
        There is no publication, or the pinned one does not exist.
    """
    if manifest.pin is not None:
        return _pinned(manifest, manifest.pin.run_id)
    if not manifest.publications:
        msg = f"{manifest_key(manifest.dataset)}: has no publication"
        raise ContractError(msg, "restore an earlier version of the object")
    return max(manifest.publications.values(), key=release_order)


def latest_of_each_version(manifest: Manifest) -> dict[str, Publication]:
    """Return the latest run's publication by release date, oldest release first. The pin is ignored."""
    return {entry.version: entry for entry in sorted(manifest.publications.values(), key=release_order)}


def shown_of_each_version(manifest: Manifest) -> dict[str, Publication]:
    """Return the publication by release date that the versions tables show: the latest run's, or the pinned one.

    Raises
    ------
    ContractError
        The pinned publication does not exist.
    """
    latest = latest_of_each_version(manifest)
    if manifest.pin is None:
        return latest
    pinned = _pinned(manifest, manifest.pin.run_id)
    return {**latest, pinned.version: pinned}


def preceding(manifest: Manifest, version: str, run_id: str) -> Publication | None:
    """Return the previous publication in release order, ``None`` if there is none."""
    before = [entry for entry in manifest.publications.values() if release_order(entry) < (version, run_id)]
    return max(before, key=release_order, default=None)


def published_as(manifest: Manifest, run_id: str) -> str:
    """Return the status of a publication: ``current``, ``version`` or ``superseded``."""
    if current(manifest).run_id == run_id:
        return CURRENT
    shown = shown_of_each_version(manifest)[manifest.publications[run_id].version]
    return VERSION if shown.run_id == run_id else SUPERSEDED


def with_publication(manifest: Manifest | None, dataset: str, entry: Publication) -> Manifest:
    """Add a publication to the manifest; unchanged if the run has already published."""
    before = manifest or Manifest(dataset, "")
    if entry.run_id in before.publications:
        return before
    after = replace(before, publications={**before.publications, entry.run_id: entry})
    return replace(after, current=current(after).run_id)


def release_order(entry: Publication) -> tuple[str, str]:
    """Sort key for release order."""
    return entry.version, entry.run_id


def _pinned(manifest: Manifest, run_id: str) -> Publication:
    found = manifest.publications.get(run_id)
    if found is None:
        msg = f"{manifest_key(manifest.dataset)}: run {run_id} is pinned, and has no publication"
        raise ContractError(msg, "pin a run that is among the publications, or take the pin away")
    return found

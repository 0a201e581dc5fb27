"""Which publications readers see: pure functions of the manifest, and the only place that decides it.

Release order is the order of release dates and, within one date, of runs: a run id begins with the run's start.
"""

from __future__ import annotations

from dataclasses import replace

from _shared.contracts.errors import ContractError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest, Publication

CURRENT = "current"
"""Readers of the current tables see the publication."""

VERSION = "version"
"""It is an older release: readers see it as a partition of the versions tables."""

SUPERSEDED = "superseded"
"""A later run has published the same release date: the manifest has the publication, and no table shows it."""


def current(manifest: Manifest) -> Publication:
    """Return the publication that the current tables show: the pinned one, else the latest run of the newest release.

    Raises
    ------
    ContractError
        There is no publication, or the pinned one is not there.
    """
    if manifest.pin is not None:
        return _pinned(manifest, manifest.pin.run_id)
    if not manifest.publications:
        msg = f"{manifest_key(manifest.dataset)}: has no publication"
        raise ContractError(msg, "restore an earlier version of the object")
    return max(manifest.publications.values(), key=release_order)


def latest_of_each_version(manifest: Manifest) -> dict[str, Publication]:
    """Return the latest run's publication of each release date, oldest release first; a pin makes no difference."""
    return {entry.version: entry for entry in sorted(manifest.publications.values(), key=release_order)}


def shown_of_each_version(manifest: Manifest) -> dict[str, Publication]:
    """Return the publication of each release date that the versions tables show: the latest run's, or the pinned one.

    Raises
    ------
    ContractError
        The pinned publication is not there.
    """
    latest = latest_of_each_version(manifest)
    if manifest.pin is None:
        return latest
    pinned = _pinned(manifest, manifest.pin.run_id)
    return {**latest, pinned.version: pinned}


def preceding(manifest: Manifest, version: str, run_id: str) -> Publication | None:
    """Return the publication before this one in release order, ``None`` where it is the first."""
    before = [entry for entry in manifest.publications.values() if release_order(entry) < (version, run_id)]
    return max(before, key=release_order, default=None)


def published_as(manifest: Manifest, run_id: str) -> str:
    """Return how readers see a publication: ``current``, ``version`` or ``superseded``."""
    if current(manifest).run_id == run_id:
        return CURRENT
    shown = shown_of_each_version(manifest)[manifest.publications[run_id].version]
    return VERSION if shown.run_id == run_id else SUPERSEDED


def with_publication(manifest: Manifest | None, dataset: str, entry: Publication) -> Manifest:
    """Return the manifest with one publication more; the same, where the run has published already."""
    before = manifest or Manifest(dataset, "")
    if entry.run_id in before.publications:
        return before
    after = replace(before, publications={**before.publications, entry.run_id: entry})
    return replace(after, current=current(after).run_id)


def release_order(entry: Publication) -> tuple[str, str]:
    """Return the sort key of release order."""
    return entry.version, entry.run_id


def _pinned(manifest: Manifest, run_id: str) -> Publication:
    found = manifest.publications.get(run_id)
    if found is None:
        msg = f"{manifest_key(manifest.dataset)}: run {run_id} is pinned, and has no publication"
        raise ContractError(msg, "pin a run that is among the publications, or take the pin away")
    return found

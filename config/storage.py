"""Storage classes of the lake's zones, by age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from config.errors import mismatch

MINIMUM_DAYS = {"infrequent_access": 30, "glacier_instant_retrieval": 90, "deep_archive": 180}
"""Days for which an object is charged in a storage class, however early it leaves.

Source: https://aws.amazon.com/s3/pricing/ (minimum storage duration).
"""


class Tiers(BaseModel):
    """Days after which objects of a zone move to a cheaper storage class; ``None`` leaves a class out.

    S3 moves no object below 128 KB. Objects in ``deep_archive`` must be restored before they can be read.
    Source: Amazon S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    infrequent_access: Annotated[int, Field(ge=30)] | None = None
    glacier_instant_retrieval: Annotated[int, Field(ge=1)] | None = None
    deep_archive: Annotated[int, Field(ge=1)] | None = None

    def in_order(self) -> list[tuple[str, int]]:
        """Return the classes that are used, with their days, in the order of transition."""
        return [(name, days) for name in MINIMUM_DAYS if (days := getattr(self, name)) is not None]


class StorageTiers(BaseModel):
    """Storage classes by zone. Published versions stay readable at once, so that silver has no deep archive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    raw: Tiers = Tiers()
    bronze: Tiers = Tiers()
    silver: Tiers = Tiers()


def tier_mistakes(tiers: StorageTiers, expiries: Mapping[str, int | None]) -> Iterator[str]:
    """Return the mistakes: a class that objects leave before the time that is charged, or a closed archive for readers.

    Parameters
    ----------
    expiries
        Days until a zone's objects expire.
    """
    for zone in ("raw", "bronze", "silver"):
        used: list[tuple[str, int]] = getattr(tiers, zone).in_order()
        ends = [(f"tiers.{zone}.{name}", days) for name, days in used[1:]]
        if (expiry := expiries.get(zone)) is not None:
            ends.append((f"retention.{zone}", expiry))
        for (name, begin), (key, end) in zip(used, ends, strict=False):
            least = begin + MINIMUM_DAYS[name]
            if end < least:
                charged = f"{name} begins after {begin} days and is charged for {MINIMUM_DAYS[name]}"
                yield mismatch(key, end, f"at least {least}: {charged}")
    if tiers.silver.deep_archive is not None:
        yield "tiers.silver.deep_archive: published versions are read at once; leave it out"

"""AWS's list prices, as ``prices.json`` has them: by region, each with the page that it is from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lake.errors import UserMistakeError

_FILE = Path(__file__).with_name("prices.json")

DEFAULT_REGION = "us-east-1"
"""Region whose prices are taken where neither configuration nor AWS settings name one."""


class Price(BaseModel):
    """One price.

    Parameters
    ----------
    usd, per
        So many US dollars for so many units.
    minimum_seconds
        What is billed at least, of what is billed by its duration.
    page
        AWS's page that has the price.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: float = Field(ge=0)
    per: float = Field(gt=0)
    unit: str
    page: str
    minimum_seconds: float = 0

    def of(self, quantity: float) -> float:
        """Return what a quantity costs, in US dollars."""
        return quantity * self.usd / self.per


class _Region(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    glue_job: Price
    glue_crawler: Price
    lambda_compute: Price
    lambda_requests: Price
    step_functions: Price
    s3_writes: Price
    s3_reads: Price
    s3_standard: Price
    kms_key: Price
    kms_requests: Price
    alarms: Price
    logs_written: Price
    logs_kept: Price
    secrets: Price


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: str
    currency: str
    regions: dict[str, _Region]


@dataclass(frozen=True)
class PriceList:
    """The prices of one region, and the day that they are of."""

    region: str
    as_of: str
    by_item: _Region


def price_list(region: str) -> PriceList:
    """Return the prices of a region.

    Raises
    ------
    UserMistakeError
        The file has no prices of that region. Those of another would be wrong without a sign of it.
    """
    document = _document()
    if region not in document.regions:
        msg = f"there are no prices for the region {region}"
        known = ", ".join(sorted(document.regions))
        raise UserMistakeError(msg, f"add them to lake/cost/prices.json, or set AWS_REGION to one of: {known}")
    return PriceList(region, document.as_of, document.regions[region])


@cache
def _document() -> _Document:
    return _Document.model_validate_json(_FILE.read_text("utf-8"))

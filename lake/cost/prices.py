"""AWS's list prices from ``prices.json``: by region, each with its page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lake.errors import UserMistakeError

_FILE = Path(__file__).with_name("prices.json")

DEFAULT_REGION = "us-east-1"
"""Region of the prices if neither the configuration nor the AWS settings have a region."""


class Price(BaseModel):
    """One price.

    Parameters
    ----------
    usd, per
        Price in US dollars of ``per`` units.
    minimum_seconds
        Minimum billed duration.
    page
        AWS's page with the price.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: float = Field(ge=0)
    per: float = Field(gt=0)
    unit: str
    page: str
    minimum_seconds: float = 0

    def of(self, quantity: float) -> float:
        """Return the cost of a quantity in US dollars."""
        return quantity * self.usd / self.per


class _Region(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    glue_job: Price
    glue_job_flex: Price
    glue_crawler: Price
    lambda_compute: Price
    lambda_requests: Price
    step_functions: Price
    s3_writes: Price
    s3_reads: Price
    s3_standard: Price
    data_events: Price
    kms_key: Price
    kms_requests: Price
    alarms: Price
    dashboards: Price
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
    """The prices of one region, and their date."""

    region: str
    as_of: str
    by_item: _Region


def price_list(region: str) -> PriceList:
    """Return the prices of a region.

    Raises
    ------
    UserMistakeError
        The file has no prices for the region.
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

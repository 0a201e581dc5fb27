"""Validators of a source's state: ``ETag`` and ``Last-Modified``, if they are valid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from _shared.contracts.errors import ContractError
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.time_utils import http_date

# RFC 9110, 8.8.3, ASCII only, because programs decode other bytes differently. The quotes are required: a value without
# them could be a list or "*", which matches every ETag, so that the source would always count as unchanged.
_ETAG = re.compile(r'(?:W/)?"[!#-~]{0,1024}"')
_DATE = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")


_SENDABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True)
class Validators:
    """Valid validators; ``None`` if the server sent none or an invalid one."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        """Read the validators from the headers of a response."""
        return cls(_etag(headers.get("ETag")), _date(headers.get("Last-Modified")))

    @classmethod
    def known(cls, state: SourceState) -> Validators:
        """Read the validators from a published state, which earlier code may have stored unchecked."""
        return cls(_etag(state.etag), _date(state.last_modified))

    @property
    def for_range(self) -> str | None:
        """The validator for ``If-Range``, which must not be a weak ETag (RFC 9110, 13.1.5)."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.last_modified


def check_sendable(headers: Mapping[str, str]) -> None:
    """Raise ContractError if a header, which may come from the manifest, has an invalid value."""
    for name, value in headers.items():
        if not _SENDABLE.fullmatch(value):
            msg = f"manifest: the value for {name} is not a valid header: {value[:80]!r}"
            raise ContractError(msg, "start a run with force, which asks for the source without it")


def _etag(text: str | None) -> str | None:
    return text if text is not None and _ETAG.fullmatch(text) else None


def _date(text: str | None) -> str | None:
    return text if text is not None and _DATE.fullmatch(text) and http_date(text) is not None else None

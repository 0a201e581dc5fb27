"""What identifies a state of a source: the server's ``ETag`` and ``Last-Modified``, as far as they can be sent back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from _shared.contracts.errors import ContractError
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.time_utils import http_date

# RFC 9110, 8.8.3, without the bytes above ASCII, of which no two programs make the same characters. What has no quotes
# may be a list, or the "*" that is everything's ETag: such a source would count as unchanged for ever.
_ETAG = re.compile(r'(?:W/)?"[!#-~]{0,1024}"')
_DATE = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")


_SENDABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True)
class Validators:
    """Validators that can be sent back; ``None`` where the server gave none, or none that can be."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        """Take them from the header of an answer."""
        return cls(_etag(headers.get("ETag")), _date(headers.get("Last-Modified")))

    @classmethod
    def known(cls, state: SourceState) -> Validators:
        """Take them from a state that was published, maybe before they were looked at."""
        return cls(_etag(state.etag), _date(state.last_modified))

    @property
    def for_range(self) -> str | None:
        """The one that may stand in ``If-Range``: a weak ETag may not (RFC 9110, 13.1.5)."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.last_modified


def check_sendable(headers: Mapping[str, str]) -> None:
    """Raise ContractError where a request would have a header, made of what was published, that cannot be sent."""
    for name, value in headers.items():
        if not _SENDABLE.fullmatch(value):
            msg = f"manifest: what it has for {name} cannot be sent: {value[:80]!r}"
            raise ContractError(msg, "start a run with force, which asks for the source without it")


def _etag(text: str | None) -> str | None:
    return text if text is not None and _ETAG.fullmatch(text) else None


def _date(text: str | None) -> str | None:
    return text if text is not None and _DATE.fullmatch(text) and http_date(text) is not None else None

"""Which addresses a source may be fetched from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from _shared.lambdas.libs.errors import DisallowedSourceError

# Parsers disagree on where the host ends in the presence of these, so they are refused altogether.
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x1f\x7f]")


@dataclass(frozen=True)
class SourceRules:
    """Hosts and schemes that are allowed, of every address on the way to the file.

    Parameters
    ----------
    hosts
        Host names, lower case, compared whole: no subdomain is implied.
    schemes
        ``https``, and on a laptop ``http``.
    """

    hosts: tuple[str, ...]
    schemes: tuple[str, ...] = ("https",)

    def check(self, url: str) -> None:
        """Accept the address or raise.

        Raises
        ------
        DisallowedSourceError
            Its scheme or host is not allowed, or it has credentials or ambiguous characters.
        """
        parts = _parse(url)
        if parts.scheme not in self.schemes:
            msg = f"source {url!r}: scheme {parts.scheme!r} is not allowed"
            raise DisallowedSourceError(msg, f"use one of {', '.join(self.schemes)}")
        if parts.username is not None or parts.password is not None:
            msg = f"source on host {parts.hostname!r}: an address with credentials is not allowed"
            raise DisallowedSourceError(msg)
        if parts.hostname not in self.hosts:
            msg = f"source {url!r}: host {parts.hostname!r} is not allowed"
            raise DisallowedSourceError(
                msg, f"use one of {', '.join(self.hosts)}, or add it to allowed_source_hosts of the environment"
            )


def _parse(url: str) -> SplitResult:
    try:
        if _AMBIGUOUS.search(url):
            msg = f"source {url!r}: backslashes, spaces and control characters are not allowed"
            raise DisallowedSourceError(msg)
        parts = urlsplit(url)
        _ = parts.port  # reading it is what validates it
    except ValueError as error:
        msg = f"source {url!r}: not a valid address: {error}"
        raise DisallowedSourceError(msg) from error
    return parts

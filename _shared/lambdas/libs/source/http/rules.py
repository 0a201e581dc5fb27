"""Rules for the URLs that sources may be fetched from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from _shared.contracts.errors import DisallowedSourceError
from _shared.contracts.messages import listed, shown, shown_address

LONGEST_ADDRESS = 2048
"""Maximum characters of a URL."""

# With other characters, URL parsers disagree on where the host ends, so they are rejected.
_PLAIN = re.compile(r"[!-\[\]-~]*")


@dataclass(frozen=True)
class SourceRules:
    """Allowed hosts and schemes, for the URL and all redirect targets.

    Parameters
    ----------
    hosts
        Host names in lower case. They are compared exactly; subdomains are not included.
    schemes
        ``https``; locally also ``http``.
    """

    hosts: tuple[str, ...]
    schemes: tuple[str, ...] = ("https",)

    def check(self, url: str) -> None:
        """Check a URL.

        Raises
        ------
        DisallowedSourceError
            The scheme or host is not allowed, or the URL is too long or has credentials or ambiguous characters.
        """
        parts = _parse(url)
        if parts.scheme not in self.schemes:
            msg = f"source {shown_address(url)}: scheme {shown(parts.scheme)} is not allowed"
            raise DisallowedSourceError(msg, f"use one of {', '.join(self.schemes)}")
        if parts.username is not None or parts.password is not None:
            msg = f"source on host {shown(parts.hostname)}: an address with credentials is not allowed"
            raise DisallowedSourceError(msg, "take the credentials out: addresses are logged and recorded")
        if parts.hostname not in self.hosts:
            msg = f"source {shown_address(url)}: host {shown(parts.hostname)} is not allowed"
            raise DisallowedSourceError(
                msg, f"use one of {listed(self.hosts)}, or add it to allowed_source_hosts of the environment"
            )


def _parse(url: str) -> SplitResult:
    if len(url) > LONGEST_ADDRESS:
        msg = f"source {shown(url)}: an address of {len(url)} characters is not allowed"
        raise DisallowedSourceError(msg, f"use one of at most {LONGEST_ADDRESS}")
    if not _PLAIN.fullmatch(url):
        msg = f"source {shown_address(url)}: only printable ASCII characters other than space and backslash are allowed"
        raise DisallowedSourceError(msg, "write other characters percent-encoded, such as %20")
    try:
        parts = urlsplit(url)
        _ = parts.port  # the property validates the port
    except ValueError as error:
        msg = f"source {shown_address(url)}: not a valid address: {error}"
        raise DisallowedSourceError(msg, "write it like https://download.open.fda.gov/file.zip") from error
    return parts

"""Requests to a source that needs a key. The key must not appear in stored data, logs or messages."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

import requests

from _shared.contracts.errors import MedallionError
from _shared.lambdas.libs.source.http.bounded import Deadline
from _shared.lambdas.libs.source.http.caller_keys import PLACEHOLDER
from _shared.lambdas.libs.source.http.client import SourceClient

# The query of a URL in a message. A quoted URL ends at its closing quote, any other at white space.
_QUERY = re.compile(
    r"""(?P<start>(?P<quote>['"])(?:[a-z][a-z0-9+.-]*:|/)(?:(?!(?P=quote))[^?\\]|\\.)*)\?(?:(?!(?P=quote))[^\\]|\\.)*"""
    r"""|\?\S*""",
    re.IGNORECASE | re.DOTALL,
)
_WHOLE = r"""(?=['":,;.)\]]*(?:\s|$))"""
"""Lookahead for the end of a URL, so that a longer URL with the same start does not match."""


@dataclass(frozen=True)
class LicensedClient(SourceClient):
    """HTTP client for URLs with ``{key}``. Its results and errors do not contain the key.

    Parameters
    ----------
    key
        Value of the placeholder ``{key}``.
    """

    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, client: SourceClient, key: str) -> LicensedClient:
        """Create a client with a key."""
        # Debug lines and warnings of urllib3 contain the URL and text from the server, and therefore possibly the key.
        # Errors are raised as exceptions.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        return cls(client.rules, client.policy, client.session, key)

    def get(self, url: str, headers: dict[str, str], deadline: Deadline) -> requests.Response:
        """Request a URL, as :meth:`SourceClient.get`. Error messages show ``{key}`` instead of the key."""
        address = url.replace(PLACEHOLDER, quote(self.key, safe=""))
        try:
            return super().get(address, headers, deadline)
        except MedallionError as error:
            what, remedy = (self._without_key(text, address, url) for text in (error.what, error.remedy))
            # "from None", because the messages of the error and its causes contain the key.
            raise type(error)(what, remedy) from None

    def shown(self, text: str) -> str:
        """Remove the key from a server's text before it is shortened, so that no part of the key remains."""
        return super().shown(self._with_placeholder(text))

    def _without_key(self, text: str, address: str, url: str) -> str:
        """Replace the key with the placeholder, and remove queries of redirect URLs, which can contain other keys."""
        marked = re.sub(re.escape(address) + _WHOLE, "\0", text)
        hidden = _QUERY.sub(lambda found: f"{found['start'] or ''}?…", marked).replace("\0", url)
        return self._with_placeholder(hidden)

    def _with_placeholder(self, text: str) -> str:
        for spelling in {self.key, quote(self.key, safe=""), quote_plus(self.key)}:
            text = text.replace(spelling, PLACEHOLDER)
        return text

"""Requests to a source that asks for a key, which nothing that is kept or shown may have in it."""

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

# A quoted address ends at its own quote, whatever else it has in it; any other at white space.
_QUERY = re.compile(
    r"""(?P<start>(?P<quote>['"])(?:[a-z][a-z0-9+.-]*:|/)(?:(?!(?P=quote))[^?\\]|\\.)*)\?(?:(?!(?P=quote))[^\\]|\\.)*"""
    r"""|\?\S*""",
    re.IGNORECASE | re.DOTALL,
)
_WHOLE = r"""(?=['":,;.)\]]*(?:\s|$))"""
"""Behind an address that nothing has been added to."""


@dataclass(frozen=True)
class LicensedClient(SourceClient):
    """Fetches from addresses with ``{key}`` in them; whoever calls it never sees the key.

    Parameters
    ----------
    key
        What the placeholder stands for.
    """

    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, client: SourceClient, key: str) -> LicensedClient:
        """Return the client that has this key."""
        # Its debug lines and its warnings have the whole address of a request, and what the server sent, which may
        # repeat it; its errors come as exceptions.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        return cls(client.rules, client.policy, client.session, key)

    def get(self, url: str, headers: dict[str, str], deadline: Deadline) -> requests.Response:
        """Request an address, as :meth:`SourceClient.get`; messages of errors have the placeholder in them."""
        address = url.replace(PLACEHOLDER, quote(self.key, safe=""))
        try:
            return super().get(address, headers, deadline)
        except MedallionError as error:
            what, remedy = (self._without_key(text, address, url) for text in (error.what, error.remedy))
            # Not "from error": its message, and those of its causes, have the key in them.
            raise type(error)(what, remedy) from None

    def shown(self, text: str) -> str:
        """Cut what a server sent after the key is out of it, lest a part of it stay."""
        return super().shown(self._with_placeholder(text))

    def _without_key(self, text: str, address: str, url: str) -> str:
        """Put the placeholder back; what a redirect adds to an address can be a key as well, and is left out."""
        marked = re.sub(re.escape(address) + _WHOLE, "\0", text)
        hidden = _QUERY.sub(lambda found: f"{found['start'] or ''}?…", marked).replace("\0", url)
        return self._with_placeholder(hidden)

    def _with_placeholder(self, text: str) -> str:
        for spelling in {self.key, quote(self.key, safe=""), quote_plus(self.key)}:
            text = text.replace(spelling, PLACEHOLDER)
        return text

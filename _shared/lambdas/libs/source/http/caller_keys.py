"""Detect keys of licensed sources in a ``source_url``. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from _shared.contracts.errors import DisallowedSourceError
from _shared.contracts.messages import shown
from _shared.contracts.source import Source

PLACEHOLDER = "{key}"

_SEPARATOR = re.compile("[?&;#]")


def refuse_key(url: str, sources: Iterable[Source]) -> None:
    """Reject a ``source_url`` that is a licensed URL with a key in it.

    A ``source_url`` is logged and recorded, and the key would be, too.

    Raises
    ------
    DisallowedSourceError
        The URL contains a key. The message does not show it.
    """
    for template in (source.licensed_url for source in sources if source.licensed_url):
        if _filled_in(url, template):
            host = shown(urlsplit(template).hostname)
            msg = f"source on host {host}: the address of a licensed source with a key written into it is not allowed"
            raise DisallowedSourceError(
                msg,
                "leave source_url out, so that the key comes from the secret, and get a new key: inputs are recorded",
            )


def _filled_in(url: str, template: str) -> bool:
    """Whether a URL has the host and path of a template, and the parameter that holds the key."""
    licensed = urlsplit(template)
    try:
        asked = urlsplit(url)
        same_host = asked.hostname == licensed.hostname
    except ValueError:
        # The URL has no valid host, so no request is sent.
        return False
    path = "[^/]*".join(re.escape(part) for part in unquote(licensed.path).split(PLACEHOLDER))
    if not same_host or not re.fullmatch(path, unquote(asked.path)):
        return False
    keys = {_name(part) for part in _parameters(template) if PLACEHOLDER in part}
    return not keys or any(_name(part) in keys for part in _parameters(url))


def _parameters(url: str) -> list[str]:
    # Also split at characters that only some servers treat as separators: better reject too much than record a key.
    return _SEPARATOR.split(url)[1:]


def _name(parameter: str) -> str:
    return unquote(parameter.partition("=")[0]).strip().lower()

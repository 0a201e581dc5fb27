"""Safe object names for files of sources."""

from __future__ import annotations

import re

LONGEST_NAME = 200
"""Maximum characters of a name, so that the key with its prefix stays below S3's limit of 1,024 bytes."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


def plain_name(name: str, otherwise: str) -> str:
    """Return a file name without special characters; ``otherwise`` if nothing remains.

    Hadoop file systems interpret ``[`` and ``*`` as patterns, and ignore files whose names start with ``_`` or ``.``;
    the release document has such a name. A long name is cut at the start, to keep its extension.
    """
    return _NOT_PLAIN.sub("_", name)[-LONGEST_NAME:].lstrip("._") or otherwise

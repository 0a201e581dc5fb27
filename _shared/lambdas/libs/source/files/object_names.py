"""Names that files from outside get in the lake."""

from __future__ import annotations

import re

LONGEST_NAME = 200
"""Characters; with its prefix the key stays below S3's limit of 1,024 bytes."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


def plain_name(name: str, otherwise: str) -> str:
    """Return a file name that every reader takes as it is, ``otherwise`` where nothing of it is left.

    Hadoop's file systems read ``[``, ``*`` and the like as patterns and take a leading ``_`` or ``.`` for hidden;
    one such name is the release document's. Of a long name the end stays, which tells the kind of file.
    """
    return _NOT_PLAIN.sub("_", name)[-LONGEST_NAME:].lstrip("._") or otherwise

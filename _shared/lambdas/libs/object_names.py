"""Names that files from outside get in the lake."""

from __future__ import annotations

import re

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


def plain_name(name: str, otherwise: str) -> str:
    """Return a file name that every reader takes as it is, ``otherwise`` where nothing of it is left.

    Hadoop's file systems read ``[``, ``*`` and the like as patterns and take a leading ``_`` or ``.`` for hidden;
    one such name is the release document's.
    """
    return _NOT_PLAIN.sub("_", name).lstrip("._") or otherwise

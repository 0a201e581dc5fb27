"""Derive column names from the headers of a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from _shared.contracts.lineage import PREFIX
from config.release.members import RESERVED
from config.release.tables import PARTITION_KEY

_TAKEN = {*RESERVED, PARTITION_KEY}
_CASES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""Word boundaries as in ``ProductName``. ``NDC11`` is one word."""


def column_names(headers: Sequence[str]) -> list[str]:
    """Return a unique name for each header: lower-case letters, digits and underscores, a letter first.

    Examples
    --------
    >>> column_names(["Display Name", "ProductNDC", "% Change", "2019", "Größe", "version", "name", "Name"])
    ['display_name', 'product_ndc', 'change', 'column_2019', 'grosse', 'version_value', 'name', 'name_2']
    """
    names: list[str] = []
    for position, header in enumerate(headers, 1):
        base = _name(header, position)
        number, name = 1, base
        while name in names:
            number += 1
            name = f"{base}_{number}"
        names.append(name)
    return names


def _name(header: str, position: int) -> str:
    plain = unicodedata.normalize("NFKD", _CASES.sub("_", header).casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        return f"column_{position}"
    if name[0].isdigit() or name.startswith(PREFIX):
        return f"column_{name}"
    return f"{name}_value" if name in _TAKEN else name

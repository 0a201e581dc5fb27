"""Format configuration as JSON, with an object or list on one line if it fits."""

from __future__ import annotations

import json

LONGEST_LINE = 120


def json_text(document: object) -> str:
    """Return a document as JSON text with a final line feed."""
    return f"{_text(document, '', 0)}\n"


def _text(value: object, indent: str, taken: int) -> str:
    """Format one value.

    Parameters
    ----------
    indent
        Indentation of the line on which the value begins.
    taken
        Number of characters on that line besides the value.
    """
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or taken + len(line) <= LONGEST_LINE:
        return line
    inner = f"{indent}  "
    if isinstance(value, dict):
        keys = [f"{inner}{json.dumps(key, ensure_ascii=False)}: " for key in value]
        parts = [key + _text(part, inner, len(key) + 1) for key, part in zip(keys, value.values(), strict=True)]
        return f"{{\n{_joined(parts)}\n{indent}}}"
    parts = [inner + _text(part, inner, len(inner) + 1) for part in value]
    return f"[\n{_joined(parts)}\n{indent}]"


def _joined(parts: list[str]) -> str:
    return ",\n".join(parts)

"""Read a configuration file as strict JSON: repeated keys are mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from config.errors import ConfigError

_REMEDY = "correct the file; nothing was changed by reading it"


def read_document(path: Path, where: str) -> dict[str, Any]:
    """Read a JSON object without repeated keys.

    Parameters
    ----------
    where
        Name of the file in error messages.

    Raises
    ------
    ConfigError
        The file is not JSON, not an object, or has a repeated key, of which one value would silently be ignored.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            msg = f"{where}: {twice}: the key stands twice in one object"
            raise ConfigError(msg, _REMEDY)
        return document

    try:
        document = json.loads(path.read_text("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        msg = f"{where}: not valid JSON: {error}"
        raise ConfigError(msg, _REMEDY) from error
    if not isinstance(document, dict):
        msg = f"{where}: expected a JSON object, found {type(document).__name__}"
        raise ConfigError(msg, _REMEDY)
    return document

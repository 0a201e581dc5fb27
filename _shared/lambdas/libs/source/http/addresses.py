"""URLs of the sources of a dataset, and the names of their files in raw."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import InvalidInputError
from _shared.contracts.messages import listed, shown_address
from _shared.contracts.source import Source
from _shared.lambdas.libs.source.files.object_names import plain_name

_ENDINGS = (".zip", ".gz", ".csv", ".txt")
# The lookbehind starts a match only at the start of a name; otherwise a long name takes quadratic time.
_FILE_NAME = re.compile(rf"(?<![^/?&=])[^/?&=]+(?:{'|'.join(map(re.escape, _ENDINGS))})(?![^/?&=])")


def addresses(config: DatasetConfig, asked: str | None, *, licensed: bool = False) -> dict[str, str]:
    """Return the URL of each source by name.

    Parameters
    ----------
    asked
        ``source_url`` of the input, which replaces the configured URLs. For a dataset with one source: the URL of the
        file. For several sources: the URL of a folder, to which the file name of each source is appended.
    licensed
        Whether there is a key for the licensed URLs. The key is never sent to a ``source_url``.

    Raises
    ------
    InvalidInputError
        The dataset has several sources, and ``source_url`` does not end with ``/``.
    """
    if asked is None:
        return {source.name: _configured(source, licensed=licensed) for source in config.sources}
    if len(config.sources) == 1:
        return {config.sources[0].name: asked}
    if not asked.endswith("/"):
        names = listed([_file_name(source.url) for source in config.sources])
        msg = f"input: source_url: expected the address of a folder, which ends in '/' (found {shown_address(asked)})"
        raise InvalidInputError(msg, f"give the folder that has this dataset's files: {names}")
    return {source.name: asked + _file_name(source.url) for source in config.sources}


def source_name(url: str) -> str:
    """Return the file name of a URL, safe as the last part of a key.

    URLs of download services contain the file name in the query.
    """
    parts = urlsplit(url)
    name = unquote(parts.path).rsplit("/", 1)[-1]
    if not name.endswith(_ENDINGS):
        name = next(reversed(_FILE_NAME.findall(unquote(parts.query))), name)
    return plain_name(name, "source")


def _configured(source: Source, *, licensed: bool) -> str:
    return source.licensed_url if licensed and source.licensed_url else source.url


def _file_name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1]

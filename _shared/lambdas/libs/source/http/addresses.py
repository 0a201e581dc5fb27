"""Where each source of a dataset is fetched from, and what its file is called in the lake."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from _shared.contracts.dataset import DatasetConfig, Source
from _shared.contracts.errors import InvalidInputError
from _shared.contracts.messages import listed, shown_address
from _shared.lambdas.libs.source.files.object_names import plain_name

_ENDINGS = (".zip", ".gz", ".csv", ".txt")
# Begins where a name begins, so that a long one is read once and not once from each of its characters.
_FILE_NAME = re.compile(rf"(?<![^/?&=])[^/?&=]+(?:{'|'.join(map(re.escape, _ENDINGS))})(?![^/?&=])")


def addresses(config: DatasetConfig, asked: str | None, *, licensed: bool = False) -> dict[str, str]:
    """Return the address of each source by name.

    Parameters
    ----------
    asked
        Where the caller wants a release to be fetched from instead: the file's address for a dataset with one
        source; for several the address of a folder, to which each source's own file name is added.
    licensed
        Whether there is a key for the licensed addresses. A caller's address is never given one.

    Raises
    ------
    InvalidInputError
        The dataset has several sources, and the address is not that of a folder.
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
    """Return the file name of an address, safe as the last part of a key.

    A download service names the file in its query.
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

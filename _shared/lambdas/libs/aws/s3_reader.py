"""Random access to an S3 object in bounded memory."""

from __future__ import annotations

import errno
import io
from collections import OrderedDict

from _shared.contracts.errors import StorageRejectedError
from _shared.lambdas.libs.s3_io import LakeStorage

BLOCK_SIZE = 8 * 1024 * 1024
BLOCKS_KEPT = 3
LARGEST_READ = 64 * 1024 * 1024


class LakeReader(io.RawIOBase):
    """A seekable, read-only file that uses range requests. It holds a few blocks in memory.

    ``read`` returns the requested number of bytes unless the object ends, as :mod:`zipfile` expects.

    Parameters
    ----------
    storage, key
        The object. Every request contains its ETag, so that a concurrent overwrite is detected.
    block_size
        Bytes per request.
    blocks_kept
        Blocks in memory; the least recently used one is dropped first.

    Raises
    ------
    StorageRejectedError
        The object does not exist.
    """

    def __init__(
        self, storage: LakeStorage, key: str, block_size: int = BLOCK_SIZE, blocks_kept: int = BLOCKS_KEPT
    ) -> None:
        super().__init__()
        info = storage.head(key)
        if info is None:
            msg = f"{storage.address(key)}: there is no such object"
            raise StorageRejectedError(msg)
        self._storage = storage
        self._key = key
        self._etag = info.etag
        self._block_size = block_size
        self._blocks_kept = blocks_kept
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        self.size = info.size

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position in bytes, possibly after the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, f"cannot seek to {base + offset}")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return the next ``size`` bytes, fewer only at the end.

        Raises
        ------
        OSError
            ``EFBIG``: the read exceeds the memory limit.
        """
        rest = max(self.size - self._position, 0)
        wanted = rest if size < 0 else min(size, rest)
        if wanted > LARGEST_READ:
            raise OSError(errno.EFBIG, f"{self._key}: a read of {wanted} bytes is too large")
        pieces = []
        while wanted:
            piece = self._piece(wanted)
            pieces.append(piece)
            self._position += len(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _piece(self, wanted: int) -> bytes:
        number, offset = divmod(self._position, self._block_size)
        return self._block(number)[offset : offset + wanted]

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        # Drop blocks before fetching, so that the limit also holds during the request.
        while len(self._blocks) >= self._blocks_kept:
            self._blocks.popitem(last=False)
        start = number * self._block_size
        end = min(start + self._block_size, self.size)
        self._blocks[number] = self._storage.read_range(self._key, start, end, self._etag)
        return self._blocks[number]

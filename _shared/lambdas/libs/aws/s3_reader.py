"""Read an object at any position without holding it."""

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
    """A seekable, read-only file over ranged GETs: memory is a few blocks, whatever the object's size.

    ``read`` returns all that was asked for unless the object ends, as :mod:`zipfile` expects.

    Parameters
    ----------
    storage, key
        The object. Every read names its ETag, so that it is one and the same object throughout.
    block_size
        Bytes fetched at a time, large because each request has its price.
    blocks_kept
        Blocks held in memory; the one unused for longest goes first.

    Raises
    ------
    StorageRejectedError
        There is no such object.
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
        """Move to a position in bytes, possibly behind the end."""
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
            ``EFBIG``: so much at once would not be flat memory.
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
        # Room is made before the block comes, so that memory never holds one more.
        while len(self._blocks) >= self._blocks_kept:
            self._blocks.popitem(last=False)
        start = number * self._block_size
        end = min(start + self._block_size, self.size)
        self._blocks[number] = self._storage.read_range(self._key, start, end, self._etag)
        return self._blocks[number]

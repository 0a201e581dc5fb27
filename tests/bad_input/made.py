"""Archives that zip tools do not make by themselves."""

from __future__ import annotations

import io
import struct
import zipfile


def special(name: str, mode: int = 0, *, system: int = 3, body: bytes = b"x") -> bytes:
    """Make an archive with one entry of any name and kind."""
    target = io.BytesIO()
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    info.create_system = system
    info.external_attr = mode << 16
    with zipfile.ZipFile(target, "w") as made:
        made.writestr(info, body)
    return target.getvalue()


def patched(body: bytes, offset: int, layout: str, value: int) -> bytes:
    """Change a field of the first entry in the archive's directory."""
    changed = bytearray(body)
    struct.pack_into(layout, changed, body.index(b"PK\x01\x02") + offset, value)
    return bytes(changed)

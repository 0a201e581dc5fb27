from __future__ import annotations

import io
import zipfile

from benchmarks.fetch import measured, table
from benchmarks.generated_archive import archive_of, member_name


def test_a_fetch_is_measured_against_its_parts_alone() -> None:
    (one,) = measured([1])
    assert one.source_bytes > 900_000
    assert one.member_bytes > one.source_bytes
    assert one.peak_bytes >= one.started_bytes > 10_000_000
    assert set(one.alone) == {"download", "SHA-256", "unpack", "upload"}
    assert min(one.alone.values()) > 0
    share = f"{one.speed / min(one.alone.values()):.0%}"
    assert [cell.strip() for cell in table([one]).splitlines()[2].split("|")][10] == share


def test_an_archive_may_have_several_members_that_compress_well() -> None:
    archive = archive_of("/12.zip?members=3&noise=8")
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.pieces()))) as opened:
        assert opened.testzip() is None
        assert [info.filename for info in opened.infolist()] == [member_name(number).decode() for number in range(3)]
        packed, text = (
            sum(getattr(info, size) for info in opened.infolist()) for size in ("compress_size", "file_size")
        )
    assert abs(archive.length - 12_000_000) < 1_500_000
    assert 4 < text / packed < 6

from __future__ import annotations

from benchmarks.fetch import measured, table


def test_a_fetch_is_measured_against_its_parts_alone() -> None:
    (one,) = measured([1])
    assert one.source_bytes > 900_000
    assert one.member_bytes > one.source_bytes
    assert one.peak_bytes >= one.started_bytes > 10_000_000
    assert set(one.alone) == {"download", "SHA-256", "unpack", "upload"}
    assert min(one.alone.values()) > 0
    share = f"{one.speed / min(one.alone.values()):.0%}"
    assert [cell.strip() for cell in table([one]).splitlines()[2].split("|")][9] == share

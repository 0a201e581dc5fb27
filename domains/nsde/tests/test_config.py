"""The NSDE domain as a package: its configuration inside a zip, its sample."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from _shared.contracts.codec import encode_text
from _shared.glue_lib.documents import load_config
from _shared.glue_lib.schema_utils import HEADER_BYTES, columns_in_file_order, parse_header
from config.datasets import load_dataset
from domains.nsde.samples.cut import choose, shapes

CONFIG = load_dataset("nsde")
SAMPLE = Path(__file__).parents[1] / "samples/2019-04-29/Comprehensive_NDC_SPL_Data_Elements_File.zip"


def test_the_configuration_is_read_from_a_zip_on_the_import_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "job.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("domains/__init__.py", "")
        archive.writestr("domains/nsde/__init__.py", "")
        archive.writestr("domains/nsde/config/dataset.json", encode_text(CONFIG))
    for name in [name for name in sys.modules if name.split(".")[0] == "domains"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(path))
    try:
        assert load_config("nsde") == CONFIG
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "domains"]:
            del sys.modules[name]


def test_the_sample_is_small_and_has_the_declared_columns() -> None:
    assert SAMPLE.stat().st_size < 1_500_000
    member = CONFIG.members[0]
    with zipfile.ZipFile(SAMPLE) as archive:
        (name,) = archive.namelist()
        head = archive.read(name)[:HEADER_BYTES]
    assert len(columns_in_file_order(parse_header(head, member.parse, "utf-8", name), member, "nsde", name)) == 12


def test_the_cut_keeps_special_rows_duplicates_and_order() -> None:
    plain = [
        (f"10006-{n:03}-01", "", "A", "TABLET", "ANDA", "ANDA1", "RX", "20190101", "", "EA", "", "") for n in range(200)
    ]
    special = ("W1040E7881V00", "", 'Plasma, "x"', "", "BLA", "BN1", "PLASMA", "", "", "ML", "20180101", "")
    rows = [*plain[:150], special, *plain[150:], plain[199]]
    kept = choose(rows, 80)
    assert special in kept
    assert kept.count(plain[199]) == 2
    assert kept == [row for row in rows if row in set(kept)]
    assert 80 <= len(kept) <= 82
    assert {"no start", "inactivated", "quote", "code W"} <= set(shapes(special))

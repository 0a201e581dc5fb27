from __future__ import annotations

import zipfile
from pathlib import Path

from benchmarks.generated_release import generate, shifted_labeler, with_shifted_ndcs

RRF = Path(__file__).parents[2] / "domains/rxnorm/tests/lines"


def test_a_multiplied_release_keeps_shape_keys_and_mirrors(tmp_path: Path) -> None:
    source, target = tmp_path / "a.zip", tmp_path / "b.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for name in ("RXNCONSO", "RXNREL", "RXNSAT"):
            archive.write(RRF / f"{name}.RRF", f"rrf/{name}.RRF")
    sizes = {f"rrf/{name}.RRF": 5 * (RRF / f"{name}.RRF").stat().st_size / 1e6 for name in ("RXNCONSO", "RXNREL")}
    generate(source, target, sizes)
    with zipfile.ZipFile(target) as archive:
        made = {name: archive.read(f"rrf/{name}.RRF").decode() for name in ("RXNCONSO", "RXNREL", "RXNSAT")}
    assert made["RXNSAT"] == (RRF / "RXNSAT.RRF").read_text("utf-8")
    names = [line.split("|") for line in made["RXNCONSO"].splitlines()]
    relations = [line.split("|") for line in made["RXNREL"].splitlines()]
    assert made["RXNREL"].startswith((RRF / "RXNREL.RRF").read_text("utf-8"))
    assert {len(fields) for fields in names} == {19}
    assert len({fields[7] for fields in names}) == len(names) > 4 * 60
    assert len({fields[8] for fields in relations}) == len(relations) > 4 * 84
    ends = {(fields[0], fields[4]) for fields in relations[: 4 * 84]}
    assert {(second, first) for first, second in ends} == ends
    assert {fields[13] == fields[0] for fields in names if fields[11] == "RXNORM"} == {True}


def test_a_labeler_keeps_its_length_and_is_another_in_each_copy() -> None:
    for labeler in ("0002", "55111", "00093", "99999"):
        made = {shifted_labeler(labeler, copy) for copy in range(40)}
        assert len(made) == 40
        assert {len(code) for code in made} == {len(labeler)}


def test_a_product_id_is_another_in_each_copy_and_begins_with_its_products_ndc() -> None:
    for copy in (1, 2, 3):
        identifier, product = with_shifted_ndcs("0002-0800_4bb5d1cb-0fa7\t0002-0800", copy).split("\t")
        assert product != "0002-0800"
        assert identifier == f"{product}_4bb5d1cb-0fa7"

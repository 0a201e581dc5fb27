from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.glue_lib.drugs.ndc import THREE_SEGMENTS, normalise


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def segmented(shape: str) -> st.SearchStrategy[str]:
    return st.tuples(*[digits(int(length)) for length in shape.split("-")]).map("-".join)


@pytest.mark.parametrize(
    ("code", "shape", "reason", "ndc11", "ndc12"),
    [
        ("0002-0800-01", "4-4-2", "OK", "00002080001", "000002080001"),
        ("10006-001-01", "5-3-2", "OK", "10006000101", "010006000101"),
        ("00904-5899-4", "5-4-1", "OK", "00904589904", "000904589904"),
        ("00093-2275-34", "5-4-2", "OK", "00093227534", "000093227534"),
        ("000023-0825-03", "6-4-2", "OK", "00023082503", "000023082503"),
        ("123456-0825-03", "6-4-2", "NO_HIPAA_FORM", None, "123456082503"),
        ("012345-678-90", "6-3-2", "NO_HIPAA_FORM", None, "012345067890"),
        ("012345-6789-0", "6-4-1", "NO_HIPAA_FORM", None, "012345678900"),
        ("2950090777", "BARE_10", "AMBIGUOUS_10", None, None),
        ("00093227534", "BARE_11", "OK", "00093227534", "000093227534"),
        ("000023082503", "BARE_12", "OK", "00023082503", "000023082503"),
        ("100023082503", "BARE_12", "NO_HIPAA_FORM", None, "100023082503"),
        ("1002-350747", "4-6", "NHRIC_2SEG", None, None),
        ("10023-50747", "5-5", "NHRIC_2SEG", None, None),
        ("W1040E7881V00", "ISBT", "ISBT", None, None),
        ("W1040-E7881", "ISBT", "ISBT", None, None),
        ("W1040E7881Vaa", "ISBT", "ISBT", None, None),
        ("O1040E7881V00", "OTHER", "INVALID", None, None),
        ("0002-0800-*1", "OTHER", "INVALID", None, None),
        ("0002 -0800-01", "OTHER", "INVALID", None, None),
        ("02", "OTHER", "INVALID", None, None),
        ("0002-0800-01-1", "OTHER", "INVALID", None, None),
        ("-0800-01", "OTHER", "INVALID", None, None),
        ("00000-000-00", "5-3-2", "INVALID", None, None),
        ("9999999999", "BARE_10", "INVALID", None, None),
        ("999999-9999-99", "6-4-2", "INVALID", None, None),
        ("\u0660002-0800-01", "OTHER", "INVALID", None, None),
        ("", "EMPTY", "INVALID", None, None),
        (" \u00a0", "EMPTY", "INVALID", None, None),
        (None, "EMPTY", "INVALID", None, None),
    ],
)
def test_each_rule_of_the_table(
    code: str | None, shape: str, reason: str, ndc11: str | None, ndc12: str | None
) -> None:
    ndc = normalise(code)
    assert (ndc.ndc_format, ndc.ndc_status_reason, ndc.ndc11, ndc.ndc12) == (shape, reason, ndc11, ndc12)


def test_white_space_around_a_code_is_ignored() -> None:
    assert normalise("\u00a00002-0800-01\n") == normalise("0002-0800-01")


@given(st.sampled_from(THREE_SEGMENTS).flatmap(segmented))
def test_segments_are_the_code_as_written(code: str) -> None:
    ndc = normalise(code)
    assert "-".join((ndc.labeler_code or "", ndc.product_code or "", ndc.package_code or "")) == code


@given(st.sampled_from(["4-4-2", "5-3-2", "5-4-1", "5-4-2"]).flatmap(segmented))
def test_the_forms_of_a_code_agree_with_each_other(code: str) -> None:
    ndc = normalise(code)
    if ndc.ndc_status_reason == "INVALID":
        assert set(code) <= {"0", "-"} or set(code) <= {"9", "-"}
        return
    assert ndc.ndc11 is not None
    again = normalise(ndc.ndc11)
    assert (again.ndc11, again.ndc12) == (ndc.ndc11, ndc.ndc12)
    assert normalise(ndc.ndc12).ndc11 == ndc.ndc11
    assert int(ndc.ndc11[:5]) == int(code.split("-", maxsplit=1)[0])


@given(st.text("0123456789-* AEWZaz\u00a0\n", max_size=16))
def test_a_code_has_eleven_digits_exactly_when_the_reason_is_ok(code: str) -> None:
    ndc = normalise(code)
    assert (ndc.ndc11 is not None) == (ndc.ndc_status_reason == "OK")
    assert ndc.ndc11 is None or (len(ndc.ndc11) == 11 and ndc.ndc11.isdigit())
    assert ndc.ndc12 is None or (len(ndc.ndc12) == 12 and ndc.ndc12.isdigit())

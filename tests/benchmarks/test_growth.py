from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.growth import exponent


@given(
    st.floats(0.01, 100),
    st.floats(0.2, 3),
    st.lists(st.integers(1, 10_000), min_size=2, max_size=5, unique=True),
)
def test_the_exponent_of_a_power_is_found(factor: float, power: float, sizes: list[int]) -> None:
    assert exponent([(size, factor * size**power) for size in sizes]) == pytest.approx(power, abs=1e-6)


def test_points_beside_the_line_are_fitted_by_least_squares() -> None:
    # Logarithms to base 10: (0, 0), (1, 1), (2, 1).
    assert exponent([(1, 1), (10, 10), (100, 10)]) == pytest.approx(0.5)


def test_one_size_tells_no_growth() -> None:
    assert exponent([]) is None
    assert exponent([(10, 1), (10, 2)]) is None

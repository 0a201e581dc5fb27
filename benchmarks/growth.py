"""How what something takes grows with its input."""

from __future__ import annotations

import math
from collections.abc import Sequence


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Exponent ``b`` of ``a * size ** b``, by least squares of the logarithms.

    Parameters
    ----------
    points
        Sizes, and what each took; both positive.

    Returns
    -------
    float or None
        1 where twice the size takes twice as much; None where there are not two sizes.
    """
    logs = [(math.log(size), math.log(taken)) for size, taken in points if size > 0 and taken > 0]
    if len({size for size, _ in logs}) <= 1:
        return None
    mean_size = math.fsum(size for size, _ in logs) / len(logs)
    mean_taken = math.fsum(taken for _, taken in logs) / len(logs)
    slope = math.fsum((size - mean_size) * (taken - mean_taken) for size, taken in logs)
    return slope / math.fsum((size - mean_size) ** 2 for size, _ in logs)

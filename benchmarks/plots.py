"""Measurements as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.contenders.contender import ENGINES
from benchmarks.measure import COLD, WARM, Measurement
from benchmarks.tables import scale_name

_COLOURS = {engine: f"C{number}" for number, engine in enumerate(ENGINES)}
_VALUES: Mapping[str, Callable[[Measurement], float | None]] = {
    "cold job, seconds": lambda one: step.wall if (step := one.total(COLD)) else None,
    "warm session, seconds": lambda one: step.wall if (step := one.total(WARM)) else None,
    "warm session, CPU seconds": lambda one: step.cpu if (step := one.total(WARM)) else None,
    "peak memory, MB": lambda one: max((step.megabytes for step in one.steps.values()), default=None),
}


def draw(found: Sequence[Measurement], titles: Mapping[str, str], path: Path) -> None:
    """Draw one dataset: lines over the input's size, or bars where there is one size.

    Parameters
    ----------
    found
        Measurements of the dataset.
    titles
        Names of the engines as they are shown.
    path
        SVG file to write.
    """
    mpl.rcParams.update({"svg.hashsalt": "performance", "svg.fonttype": "none", "font.size": 9})
    figure, axes = plt.subplots(1, len(_VALUES), figsize=(13, 3.4), layout="constrained")
    several = len({one.scale for one in found}) > 1
    for axis, (label, value) in zip(axes, _VALUES.items(), strict=True):
        _lines(axis, found, titles, value) if several else _bars(axis, found, titles, value)
        axis.set_title(label, fontsize=10)
        axis.set_axisbelow(b=True)
        axis.grid(axis="y" if several else "x", alpha=0.3, which="major")
    if several:
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    else:
        figure.suptitle(f"{scale_name(found[0].scale)}, {found[0].input_megabytes:,.1f} MB", fontsize=9)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _lines(
    axis: Axes, found: Sequence[Measurement], titles: Mapping[str, str], value: Callable[[Measurement], float | None]
) -> None:
    for engine, title in titles.items():
        points = sorted((one.input_megabytes, told) for one in found if one.engine == engine and (told := value(one)))
        if points:
            axis.plot(*zip(*points, strict=True), marker="o", markersize=4, label=title, color=_COLOURS[engine])
    axis.set(xscale="log", yscale="log", xlabel="input, MB")
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(LogLocator(subs=(1, 2, 5)))
        side.set_major_formatter("{x:g}")
        side.set_minor_formatter(NullFormatter())


def _bars(
    axis: Axes, found: Sequence[Measurement], titles: Mapping[str, str], value: Callable[[Measurement], float | None]
) -> None:
    told = [(titles[one.engine], number, _COLOURS[one.engine]) for one in reversed(found) if (number := value(one))]
    if told:
        names, numbers, colours = zip(*told, strict=True)
        bars = axis.barh(names, numbers, color=colours)
        axis.bar_label(bars, fmt="{:,.3g}", padding=2, fontsize=8)
        axis.margins(x=0.25)

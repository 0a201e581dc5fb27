"""Draw the graphs of a dashboard to a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from lake.aws.dashboards import Graph

_COLUMNS = 3
_INCHES = (4.6, 2.8)


def draw(title: str, graphs: Sequence[Graph], span: tuple[datetime, datetime], file: Path) -> None:
    """Write the picture, in the format of the file's ending: ``.svg``, ``.png`` or ``.pdf``."""
    mpl.rcParams.update({"svg.hashsalt": "dashboard", "svg.fonttype": "none", "font.size": 8})
    rows = -(-len(graphs) // _COLUMNS)
    figure = Figure(figsize=(_COLUMNS * _INCHES[0], rows * _INCHES[1] + 0.5), layout="constrained")
    figure.suptitle(f"{title}, {span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d} (UTC)")
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).flatten()
    for place, graph in zip(axes, graphs, strict=False):
        _draw(place, graph, span)
    for place in axes[len(graphs) :]:
        place.set_axis_off()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _draw(axes: Axes, graph: Graph, span: tuple[datetime, datetime]) -> None:
    axes.set_title(graph.title, loc="left", fontweight="bold")
    for line in graph.lines:
        axes.plot(line.times, line.values, marker="o", markersize=4, label=line.label)  # type: ignore[arg-type]  # dates
    axes.set_xlim(*span)  # type: ignore[arg-type]  # dates
    axes.set_ylim(bottom=0, top=None if any(any(line.values) for line in graph.lines) else 1)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    formatter = dates.ConciseDateFormatter(axes.xaxis.get_major_locator())  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(formatter)
    axes.grid(alpha=0.3)
    if any(line.values for line in graph.lines):
        axes.legend(frameon=False)
    else:
        axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", color="gray")

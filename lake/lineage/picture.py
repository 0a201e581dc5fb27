"""Draw the lineage of a table: sources, bronze columns, published columns, and the lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lake.lineage.paths import Lineage

_LINE_INCHES, _WIDTH_INCHES = 0.22, 17.0
_SOURCE, _BRONZE, _SILVER = 0.0, 0.42, 1.0
_COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple", "tab:brown", "tab:pink", "tab:cyan")


def draw(lineage: Lineage, file: Path) -> None:
    """Write the picture, in the format of the file's ending: ``.svg``, ``.png`` or ``.pdf``."""
    mpl.rcParams.update({"svg.hashsalt": "lineage", "svg.fonttype": "none", "font.size": 8})
    bronze = sorted({(one.source, one.bronze, one.header) for path in lineage.paths for one in path.sources})
    sources = sorted({source for source, _, _ in bronze})
    rows = max(len(bronze), len(lineage.paths), 1)
    figure = Figure(figsize=(_WIDTH_INCHES, rows * _LINE_INCHES + 1), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.2, 1.2)
    axes.set_title(f"{lineage.table}, version {lineage.version}")
    at_source = dict(zip(sources, _spread(len(sources)), strict=True))
    at_bronze = dict(zip((name for _, name, _ in bronze), _spread(len(bronze)), strict=True))
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(at_bronze)}
    for source, name, header in bronze:
        _connect(axes, (_SOURCE, at_source[source]), (_BRONZE - 0.17, at_bronze[name]), "lightgray")
        shown = name if header in {"", name.rpartition(".")[2]} else f"{name}  ({header})"
        axes.text(_BRONZE, at_bronze[name], shown, ha="center", va="center", color=colours[name], parse_math=False)
    for source, place in at_source.items():
        axes.text(_SOURCE, place, source, ha="right", va="center", parse_math=False)
    for path, place in zip(lineage.paths, _spread(len(lineage.paths)), strict=True):
        axes.text(_SILVER, place, path.column, ha="left", va="center", fontweight="bold", parse_math=False)
        for one in path.sources:
            begin = (_BRONZE + 0.17, at_bronze[one.bronze])
            _connect(axes, begin, (_SILVER - 0.01, place), colours[one.bronze])
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _connect(axes: Axes, begin: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    axes.plot([begin[0], end[0]], [begin[1], end[1]], color=colour, linewidth=0.7, alpha=0.7)


def _spread(count: int) -> Sequence[float]:
    """Return the heights of lines, from top to bottom."""
    return [1 - (number + 0.5) / count for number in range(count)]

"""Maps without borrowed boundaries: every area a tile of the same size, shaded by the reports expected in it.

Each tile has its name, the number and its interval in words, and a bar for completeness, so that nothing rests on
colour alone; hatching marks what is incomplete or has no figure. The shades are five blues that stay apart for the
colour-blind and in grey, with text of a contrast of at least 4.5 on each (WCAG 2.2, 1.4.3).
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle

from hub.briefing.phrases import amount, rounded, share, spread
from hub.briefing.shapes import Shapes
from hub.publish.tiles import Tile

SHADES = (("#eff3ff", "#000000"), ("#bdd7e7", "#000000"), ("#6baed6", "#000000"), ("#2171b5", "#ffffff"),
          ("#08306b", "#ffffff"))  # fmt: skip
NO_FIGURE = "#ffffff"
INK, QUIET = "#1b1b1b", "#595959"
COMPLETE_ENOUGH = 0.9
GAP = 0.06
TILE_INCHES = 0.92
DOTS_PER_INCH = 160


@dataclass(frozen=True)
class Expected:
    """What a map says of an area: reports expected, their 90% interval, and how complete the latest weeks are."""

    reports: float
    low: int
    high: int
    completeness: float | None

    @property
    def is_incomplete(self) -> bool:
        return self.completeness is not None and self.completeness < COMPLETE_ENOUGH


def draw_map(tiles: Sequence[Tile], values: Mapping[str, Expected], shapes: Shapes | None) -> tuple[str, bytes]:
    """The map as SVG and PNG; true shapes where given, for the areas that they name."""
    breaks = class_breaks([values[tile.area_code].reports for tile in tiles if tile.area_code in values])
    width, height = 1 + max(tile.column for tile in tiles), 1 + max(tile.row for tile in tiles)
    figure = Figure(figsize=(TILE_INCHES * width, TILE_INCHES * height + 0.9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    if shapes is None:
        _draw_tiles(axes, tiles, values, breaks)
    else:
        _draw_shapes(axes, tiles, values, breaks, shapes)
    _legend(figure, class_labels(breaks) if values else [])
    return as_pictures(figure)


def class_breaks(reports: Sequence[float]) -> list[float]:
    """Upper ends of all classes but the last: fifths of the areas, as the legend shows them. Ends that look alike are
    one, and none is as high as the highest amount, so that every class says what it holds and there is one above."""
    if not reports:
        return []
    fifths = {rounded(float(one)) for one in np.quantile(reports, [0.2, 0.4, 0.6, 0.8])}
    return sorted(one for one in fifths if 0 <= one < rounded(max(reports)))


def class_of(reports: float, breaks: Sequence[float]) -> int:
    """The class of an amount as it is shown, 0 for the lightest."""
    return int(np.searchsorted(breaks, rounded(reports), side="left"))


def _draw_tiles(axes: Axes, tiles: Sequence[Tile], values: Mapping[str, Expected], breaks: Sequence[float]) -> None:
    for tile in tiles:
        left, top = tile.column + GAP / 2, -tile.row - GAP / 2
        value = values.get(tile.area_code)
        fill, ink = _colours(value, breaks)
        side = 1 - GAP
        axes.add_patch(Rectangle((left, top - side), side, side, facecolor=fill, edgecolor=QUIET, linewidth=0.8))
        if value is None:
            axes.add_patch(Rectangle((left, top - side), side, side, fill=False, hatch="xx", edgecolor="#bbbbbb"))
        elif value.is_incomplete:
            # Only along the upper edge: hatching behind the words would make them hard to read.
            axes.add_patch(
                Rectangle((left, top - 0.13), side, 0.13, fill=False, hatch="////", edgecolor=ink, linewidth=0)
            )
        middle = tile.column + 0.5
        axes.text(middle, top - 0.22, tile.label, ha="center", va="center", fontsize=6.6, color=ink)
        if value is None:
            axes.text(middle, top - 0.52, "no figure", ha="center", va="center", fontsize=7.2, color=INK,
                      bbox={"facecolor": NO_FIGURE, "edgecolor": "none", "pad": 1})  # fmt: skip
            continue
        axes.text(middle, top - 0.46, amount(value.reports), ha="center", va="center", fontsize=12, color=ink,
                  fontweight="bold")  # fmt: skip
        axes.text(middle, top - 0.69, spread(value.low, value.high), ha="center", va="center", fontsize=7.6, color=ink)
        _completeness_bar(axes, left + 0.1, top - 0.88, value, ink)
    axes.set_xlim(min(tile.column for tile in tiles), 1 + max(tile.column for tile in tiles))
    axes.set_ylim(-1 - max(tile.row for tile in tiles), 0)


def _completeness_bar(axes: Axes, left: float, bottom: float, value: Expected, ink: str) -> None:
    if value.completeness is None:
        return
    width = 1 - GAP - 0.2
    axes.add_patch(Rectangle((left, bottom), width, 0.055, fill=False, edgecolor=ink, linewidth=0.6))
    axes.add_patch(Rectangle((left, bottom), width * value.completeness, 0.055, facecolor=ink, linewidth=0))


def _draw_shapes(
    axes: Axes, tiles: Sequence[Tile], values: Mapping[str, Expected], breaks: Sequence[float], shapes: Shapes
) -> None:
    for tile in tiles:
        if (path := shapes.paths.get(tile.area_code)) is None:
            continue
        value = values.get(tile.area_code)
        fill, ink = _colours(value, breaks)
        axes.add_patch(PathPatch(path, facecolor=fill, edgecolor=QUIET, linewidth=0.5))
        if value is None or value.is_incomplete:
            hatch, colour = ("xx", "#bbbbbb") if value is None else ("//", ink)
            axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=0, hatch=hatch))
        if value is not None and tile.area_code in shapes.middles:
            x, y = shapes.middles[tile.area_code]
            axes.text(x, y, amount(value.reports), ha="center", va="center", fontsize=6.5, color=ink,
                      bbox={"facecolor": fill, "edgecolor": "none", "pad": 0.4})  # fmt: skip
    axes.autoscale_view()


def _colours(value: Expected | None, breaks: Sequence[float]) -> tuple[str, str]:
    if value is None:
        return NO_FIGURE, INK
    # Where fifths fall together there are fewer classes, and the darkest shades are left over.
    return SHADES[class_of(value.reports, breaks)]


def class_labels(breaks: Sequence[float]) -> list[str]:
    """What each class holds, in words; no amount is in two."""
    if not breaks:
        return ["all areas alike"]
    between = [f"above {amount(low)}, up to {amount(high)}" for low, high in pairwise(breaks)]
    return [f"up to {amount(breaks[0])}", *between, f"above {amount(breaks[-1])}"]


def _legend(figure: Figure, labels: Sequence[str]) -> None:
    handles = [Patch(facecolor=SHADES[number][0], edgecolor=QUIET, label=label) for number, label in enumerate(labels)]
    label = f"less than {share(COMPLETE_ENOUGH)} of the latest weeks known"
    handles.append(Patch(facecolor=NO_FIGURE, edgecolor=QUIET, hatch="////", label=label))
    handles.append(Patch(facecolor=NO_FIGURE, edgecolor="#bbbbbb", hatch="xx", label="no figure"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=7.5,
                  title="Reports expected in the week", title_fontsize=8)  # fmt: skip


def as_pictures(figure: Figure) -> tuple[str, bytes]:
    """The figure as SVG, the same bytes for the same figure and without a prologue, and as PNG."""
    svg, png = io.StringIO(), io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "briefing", "hatch.linewidth": 0.6}):
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=DOTS_PER_INCH)
    return svg.getvalue()[svg.getvalue().index("<svg") :], png.getvalue()

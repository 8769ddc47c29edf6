"""A chart of the areas with most reports expected: a dot for the number, a line for its 90% interval."""

from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hub.briefing.maps import INK, QUIET, SHADES, Expected, as_pictures

AREAS_SHOWN = 15
ROW_HEIGHT_INCHES = 0.3
LINE_COLOUR = SHADES[3][0]


def draw_intervals(areas: Sequence[tuple[str, Expected]]) -> tuple[str, bytes]:
    """The first of at least one area (name, values; most first) as SVG and PNG. A hollow dot stands for incomplete
    latest weeks."""
    shown = list(areas[:AREAS_SHOWN])
    figure = Figure(figsize=(8.4, ROW_HEIGHT_INCHES * len(shown) + 1.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for row, (_, value) in enumerate(shown):
        axes.plot([value.low, value.high], [row, row], color=LINE_COLOUR, linewidth=3, solid_capstyle="butt")
        fill = "#ffffff" if value.is_incomplete else INK
        axes.plot(value.reports, row, "o", markersize=7, markerfacecolor=fill, markeredgecolor=INK)
    axes.set_yticks(range(len(shown)), [name for name, _ in shown], fontsize=8.5)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("reports in the week: expected (dot) and 90% interval (line)", fontsize=8.5, color=INK)
    axes.tick_params(axis="x", labelsize=8.5, colors=INK)
    axes.grid(axis="x", alpha=0.3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    return as_pictures(figure)

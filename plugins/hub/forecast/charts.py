"""Three pictures of a backtest: hit-rate curve, calibration, log score by period. Each can be read without colour."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hub.forecast.backtest import STACK, Backtest
from hub.forecast.scores import CURVE

STYLES = {
    STACK: ("#1b1b1b", "-", "o"),
    "empirical_bayes": ("#0072b2", "--", "s"),
    "long_run_mean": ("#d55e00", "-.", "^"),
    "counts_plus_one": ("#e69f00", (0, (3, 1, 1, 1)), "P"),
    "kernel_density": ("#009e73", ":", "D"),
    "lag_ensemble": ("#cc79a7", (0, (5, 1)), "v"),
    "last_period": ("#7f7f7f", (0, (1, 3)), "x"),
}
SMOOTHED_PERIODS = 8
LEAST_EXPECTED = 5.0
"""Reports expected in all, below which a point of the calibration says nothing."""


def draw(backtest: Backtest, folder: Path) -> list[Path]:
    """Write hit_rate.png, calibration.png and log_score.png into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {"hit_rate.png": _hit_rate, "calibration.png": _calibration, "log_score.png": _log_score}
    paths = []
    for name, drawing in drawings.items():
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        drawing(backtest, figure.add_subplot())
        figure.savefig(folder / name, dpi=120)
        paths.append(folder / name)
    return paths


def _hit_rate(backtest: Backtest, axes: Axes) -> None:
    reports = sum(backtest.totals)
    share = 100 * np.array(CURVE)
    for name, scores in backtest.methods.items():
        colour, line, marker = STYLES[name]
        caught = 100 * np.sum(scores.caught, axis=0) / reports
        axes.plot(share, caught, color=colour, linestyle=line, marker=marker, markersize=4, label=_words(name))
    axes.plot(share, share, color="#bbbbbb", linewidth=1, label="chance")
    axes.set(xlabel="areas visited (%)", ylabel="reports in them (%)", title="What a budget of areas catches")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)


def _calibration(backtest: Backtest, axes: Axes) -> None:
    expected, observed, cells = backtest.bins[backtest.bins[:, 0] >= LEAST_EXPECTED].T
    ratio = observed / expected
    error = 1.96 * np.sqrt(np.maximum(observed, 1)) / expected
    if len(cells):
        axes.errorbar(expected / cells, ratio, yerr=error, fmt="o", color="#1b1b1b", capsize=3)
        axes.set(xscale="log")
    axes.axhline(1, color="#0072b2", linestyle="--")
    axes.set(ylim=(0, 2.5), xlabel="reports expected in an area and period")
    axes.set(ylabel="observed / expected", title="Are expectations met? (bars: 95%, as if reports were independent)")
    axes.grid(alpha=0.3)


def _log_score(backtest: Backtest, axes: Axes) -> None:
    calendar = backtest.panel.calendar
    totals = np.array(backtest.totals)
    width = min(SMOOTHED_PERIODS, len(totals))
    days = [np.datetime64(calendar.start_of(period + width - 1)) for period in range(len(totals) - width + 1)]
    window = np.ones(width)
    reports = np.maximum(np.convolve(totals, window, "valid"), 1)
    for name, scores in backtest.methods.items():
        colour, line, _ = STYLES[name]
        bits = np.convolve(scores.gain_bits, window, "valid") / reports
        axes.plot(days, bits, color=colour, linestyle=line, label=_words(name))
    axes.set(ylabel="bits a report", title=f"Gain over uniform areas, {width} {calendar.unit}s together")
    axes.axhline(0, color="#bbbbbb", linewidth=1)
    axes.tick_params(axis="x", rotation=30)
    axes.legend(frameon=False, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
    axes.grid(alpha=0.3)


def _words(name: str) -> str:
    return name.replace("_", " ")

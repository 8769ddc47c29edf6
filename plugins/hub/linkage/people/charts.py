"""Charts of runs: what the parameters weigh, how the pairs of a run came out, and how single scores add up.

SVG drawn offline; they show levels of agreement and weights, never what anybody is called.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import vl_convert

from hub.linkage.people.comparisons import COMPARISONS
from hub.linkage.people.parameters import NameShares, Parameters
from hub.linkage.people.records import nobody
from hub.linkage.people.scoring import LEVEL_COLUMNS, WEIGHT_COLUMNS, score_pairs, scorer

WIDEST = 40
NEAR_WEIGHTS = (-4.0, 0.0, 4.0, 8.0, 14.0, 20.0)
"""Match weights near which an example is shown."""


@dataclass
class ScoreHistogram:
    """What a run has scored so far: pairs a whole match weight, and a few pairs as levels and weights."""

    histogram: Counter[int] = field(default_factory=Counter)
    examples: list[dict[str, float]] = field(default_factory=list)

    @property
    def count_pairs(self) -> int:
        return self.histogram.total()

    def add(self, parameters: Parameters, identities: pa.Table, scored: pa.Table) -> None:
        """Add scored pairs; the first to come also give the examples."""
        if not scored.num_rows:
            return
        weights = scored["match_weight"].to_numpy()
        bins, counts = np.unique(np.clip(np.floor(weights), -WIDEST, WIDEST).astype(int), return_counts=True)
        self.histogram.update(dict(zip(bins.tolist(), counts.tolist(), strict=True)))
        if not self.examples:
            places = sorted({int(np.argmin(np.abs(weights - wanted))) for wanted in NEAR_WEIGHTS})
            pairs = scored.select(["identity_a", "identity_b"]).take(pa.array(places))
            shown = score_pairs(parameters, identities, pairs, with_levels=True)
            self.examples = shown.drop_columns(["identity_a", "identity_b"]).to_pylist()


def keep_charts(folder: Path, run_id: int, parameters: Parameters, scores: ScoreHistogram) -> None:
    """Write the charts of a run into a folder of its own, and those of its parameters where no run has yet."""
    of_run = folder / f"people_{run_id:06}"
    of_run.mkdir(parents=True, exist_ok=True)
    _save(_histogram(parameters, scores), of_run / "match_weights_of_pairs.svg")
    _save(_examples(scores), of_run / "examples.svg")
    # They are most of what there is to draw, and a hub links persons with every build.
    of_parameters = folder / f"parameters_{parameters.digest}"
    if not of_parameters.exists():
        _draw_parameters(parameters, of_parameters)


def _draw_parameters(parameters: Parameters, folder: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    unfinished.mkdir(exist_ok=True)
    # A list of names is no part of what a chart is for.
    unnamed = NameShares(common={}, other=1.0)
    with scorer(parameters.model, nobody(), (unnamed, unnamed)) as ready:
        _save(ready.linker.visualisations.match_weights_chart().chart_dict, unfinished / "weights_of_levels.svg")
        _save(ready.linker.visualisations.m_u_parameters_chart().chart_dict, unfinished / "m_and_u.svg")
    unfinished.rename(folder)


def _save(chart: dict[str, Any], path: Path) -> None:
    """Draw a chart in Vega-Lite. Not by way of altair: it checks each chart against the whole of Vega-Lite's schema,
    which takes longer than to draw it, and a hub links persons with every build."""
    path.write_text(vl_convert.vegalite_to_svg(chart), encoding="utf-8")


def _histogram(parameters: Parameters, scores: ScoreHistogram) -> dict[str, Any]:
    rows = [{"weight": weight, "pairs": count} for weight, count in sorted(scores.histogram.items())]
    limits = [
        {"weight": float(np.log2(share / (1 - share))), "limit": name}
        for name, share in (("review", parameters.review), ("confirmed", parameters.confirmed))
    ]
    weight = {"field": "weight", "type": "quantitative", "title": "match weight (log 2 of the odds)"}
    pairs = {"field": "pairs", "type": "quantitative", "title": "pairs", "scale": {"type": "symlog"}}
    return {
        "title": f"Pairs compared: {scores.count_pairs:,}",
        "width": 640,
        "height": 320,
        "layer": [
            {"data": {"values": rows}, "mark": "bar", "encoding": {"x": weight, "y": pairs}},
            {
                "data": {"values": limits},
                "mark": "rule",
                "encoding": {"x": weight, "color": {"field": "limit", "type": "nominal", "title": None}},
            },
        ],
    }


def _examples(scores: ScoreHistogram) -> dict[str, Any]:
    rows = []
    by_total = {f"{pair['match_weight']:.1f}": pair for pair in scores.examples}
    totals = sorted(by_total, key=float)
    for total in totals:
        pair = by_total[total]
        for comparison, level_column, weight_column in zip(COMPARISONS, LEVEL_COLUMNS, WEIGHT_COLUMNS, strict=True):
            name = comparison["output_column_name"]
            level = level_label(comparison, int(pair[level_column]))
            rows.append({"pair": total, "field": f"{name}: {level}", "weight": pair[weight_column]})
    return {
        "title": "How single scores add up (weights of the fields, without the prior)",
        "data": {"values": rows},
        "width": 420,
        "mark": "bar",
        "encoding": {
            "x": {"field": "weight", "type": "quantitative", "title": "weight"},
            "y": {"field": "field", "type": "nominal", "title": None, "sort": None},
            "color": {"condition": {"test": "datum.weight > 0", "value": "#2a7"}, "value": "#b33"},
            "row": {"field": "pair", "type": "nominal", "title": "match weight of the pair", "sort": totals},
        },
        "resolve": {"scale": {"y": "independent"}},
    }


def level_label(comparison: dict[str, object], level: int) -> str:
    """What splink's number of a level means: -1 not given, 0 differ, above that the better the higher."""
    levels = comparison["comparison_levels"]
    assert isinstance(levels, list)  # noqa: S101 - so are they written in ``comparisons``
    return str(levels[0 if level < 0 else len(levels) - 1 - level]["label_for_charts"])

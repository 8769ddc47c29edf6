"""Rules → which rows of a frame break them, by Great Expectations' metrics.

What a rule takes to be computed (the expectation, its metrics, and what these rest on) is worked out once a process and
kept: the same for every frame, it took longer than the frame itself (``docs/decisions/0003``).
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hub.contract_rules import Rule
from hub.stages.validate.engine import load_great_expectations

BATCH = "chunk"
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}
PLANS_KEPT = 512


class RuleFailed(RuntimeError):
    """A rule could not be computed. Our own assumption is broken: the delivery must not pass, and nothing is loaded."""


@dataclass(frozen=True)
class _Planned:
    """A rule's expectation, and the metrics that its result is made of by their names."""

    rule: str
    expectation: Any
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class _Plan:
    """Rules that are computed on the same frame, and the graph of all metrics that they rest on."""

    rules: tuple[_Planned, ...]
    edges: Sequence[Any]


def compute_rules(
    feed: str, frame: pd.DataFrame, rules: Sequence[Rule], timed: frozenset[str]
) -> dict[str, Mapping[str, Any]]:
    """Each rule's result by its name, as Great Expectations gives it: how many rows were looked at
    (``element_count``), how many break the rule (``unexpected_count``) and which (``unexpected_index_list``), never
    values. ``timed`` are the columns that hold points in time.

    Raises :class:`RuleFailed` when a rule raises or is not computed.
    """
    gx = load_great_expectations()
    plan = _plan(tuple(rules), timed)
    engine = gx.execution_engine(batch_data_dict={BATCH: frame})
    asked = {"result_format": RESULT_FORMAT}
    found, _ = gx.graph(engine, plan.edges).resolve(asked, show_progress_bars=False)
    results: dict[str, Mapping[str, Any]] = {}
    for planned in plan.rules:
        try:
            metrics = {name: found[metric.id] for name, metric in planned.metrics.items()}
            result = planned.expectation._validate(metrics, asked, engine)["result"]
        except Exception:
            # Its own text may hold values of the rows; only the rule is named.
            raise RuleFailed(f"rule {planned.rule} of {feed} could not be computed") from None
        if not gx.outcome.validate_result_dict(result):
            raise RuleFailed(f"what was computed for rule {planned.rule} of {feed} contradicts itself")
        results[planned.rule] = result
    return results


@functools.lru_cache(maxsize=PLANS_KEPT)
def _plan(rules: tuple[Rule, ...], timed: frozenset[str]) -> _Plan:
    gx = load_great_expectations()
    engine, asked = gx.execution_engine(), {"result_format": RESULT_FORMAT}
    graph, planned = gx.graph(engine), []
    for rule in rules:
        expectation = _expectation(rule, timed)
        metrics = expectation.get_validation_dependencies(engine, asked).metric_configurations
        for metric in metrics.values():
            graph.build_metric_dependency_graph(metric, asked)
        planned.append(_Planned(rule.name, expectation, metrics))
    return _Plan(tuple(planned), graph.edges)


def _expectation(rule: Rule, timed: frozenset[str]) -> Any:
    gx = load_great_expectations()
    kwargs = {**rule.kwargs, "batch_id": BATCH}
    if rule.when is not None:
        # As it stands: the other kinds of condition cannot compare two columns, or look into a text.
        kwargs["row_condition"] = gx.condition(pass_through_filter=rule.when)
    if rule.column in timed:
        for limit in ("min_value", "max_value"):
            if isinstance(kwargs.get(limit), str):
                kwargs[limit] = pd.Timestamp(kwargs[limit], tz="UTC")
    return gx.configuration(type=rule.expectation, kwargs=kwargs).to_domain_obj()

"""Rules computed on a frame that is handed to the engine, beside the same rules asked of a data source."""

from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
import pytest
from great_expectations.expectations.row_conditions import PassThroughCondition

from hub.contracts.rules import HEEDS_NO_CONDITION, ROW_EXPECTATIONS, Rule
from hub.ingest.validation.expectations import RESULT_FORMAT, RuleFailed, compute_rules
from ingest.every_rule import FRAMES, KWARGS

COUNTED = ("element_count", "unexpected_count", "unexpected_index_list")


def by_a_data_source(frame: pd.DataFrame, rule: Rule) -> dict[str, Any]:
    asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    condition = {"row_condition": PassThroughCondition(pass_through_filter=rule.when)} if rule.when else {}
    class_name = rule.expectation.title().replace("_", "")
    expectation = getattr(gx.expectations, class_name)(**rule.kwargs, **condition)
    outcome = batch.validate(expectation, result_format=RESULT_FORMAT)
    return {name: outcome.result[name] for name in COUNTED}


def test_every_kind_of_rule_is_among_these() -> None:
    assert KWARGS.keys() == ROW_EXPECTATIONS


@pytest.mark.parametrize("when", [None, "high > 1"])
def test_a_frame_gets_the_same_results_without_a_data_source(when: str | None) -> None:
    rules = [
        Rule(f"x.{kind}", kind, kwargs, "why", None, when=when)
        for kind, kwargs in KWARGS.items()
        if when is None or kind not in HEEDS_NO_CONDITION
    ]
    for frame in [*FRAMES, FRAMES[0]]:
        found = compute_rules("places", frame, rules, frozenset())
        said = {rule.name: {name: found[rule.name][name] for name in COUNTED} for rule in rules}
        assert said == {rule.name: by_a_data_source(frame, rule) for rule in rules}
    assert any(np.any(one["unexpected_index_list"]) for one in said.values())


@pytest.mark.parametrize("kind", sorted(ROW_EXPECTATIONS))
def test_a_condition_is_heeded_or_refused(kind: str) -> None:
    nothing = Rule("x.rule", kind, KWARGS[kind], "why", None, when="high > 10")
    if kind in HEEDS_NO_CONDITION:
        with pytest.raises(RuleFailed, match=r"x\.rule"):
            compute_rules("places", FRAMES[0], [nothing], frozenset())
    else:
        assert compute_rules("places", FRAMES[0], [nothing], frozenset())["x.rule"]["unexpected_count"] == 0


def test_a_rule_that_cannot_be_computed_stops_the_delivery_without_a_value() -> None:
    of_another_type = Rule(
        "code.range", "expect_column_values_to_be_between", {"column": "code", "max_value": 3}, "why", "code"
    )
    with pytest.raises(RuleFailed) as failure:
        compute_rules("places", FRAMES[0], [of_another_type], frozenset())
    assert str(failure.value) == "rule code.range of places could not be computed: TypeError"
    assert failure.value.__cause__ is None

"""Rules computed by a plan that is kept, beside Great Expectations' own validator, which plans anew each time."""

from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
import pytest
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.row_conditions import PassThroughCondition
from great_expectations.validator.validator import Validator

from hub.contract_rules import HEEDS_NO_CONDITION, ROW_EXPECTATIONS, Rule
from hub.stages.validate.computing import RESULT_FORMAT, RuleFailed, compute_rules
from stages.every_rule import FRAMES, KWARGS

COUNTED = ("element_count", "unexpected_count", "unexpected_index_list")


def by_the_validator(frame: pd.DataFrame, rule: Rule) -> dict[str, Any]:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    condition = {"row_condition": PassThroughCondition(pass_through_filter=rule.when)} if rule.when else {}
    validator = Validator(PandasExecutionEngine(batch_data_dict={"chunk": frame}), data_context=context)
    (outcome,) = validator.graph_validate(
        [ExpectationConfiguration(type=rule.expectation, kwargs=rule.kwargs | condition)],
        {"result_format": RESULT_FORMAT},
    )
    return {name: outcome.result[name] for name in COUNTED}


def test_every_kind_of_rule_is_among_these() -> None:
    assert KWARGS.keys() == ROW_EXPECTATIONS


@pytest.mark.parametrize("when", [None, "high > 1"])
def test_a_kept_plan_says_of_each_frame_what_the_validator_says(when: str | None) -> None:
    rules = [
        Rule(f"x.{kind}", kind, kwargs, "why", None, when=when)
        for kind, kwargs in KWARGS.items()
        if when is None or kind not in HEEDS_NO_CONDITION
    ]
    for frame in [*FRAMES, FRAMES[0]]:
        found = compute_rules("places", frame, rules, frozenset())
        said = {rule.name: {name: found[rule.name][name] for name in COUNTED} for rule in rules}
        assert said == {rule.name: by_the_validator(frame, rule) for rule in rules}
    assert any(np.any(one["unexpected_index_list"]) for one in said.values())


@pytest.mark.parametrize("kind", sorted(ROW_EXPECTATIONS))
def test_a_condition_is_heeded_or_refused(kind: str) -> None:
    nothing = Rule("x.rule", kind, KWARGS[kind], "why", None, when="high > 10")
    if kind in HEEDS_NO_CONDITION:
        with pytest.raises(RuleFailed, match=r"x\.rule"):
            compute_rules("places", FRAMES[0], [nothing], frozenset())
    else:
        assert compute_rules("places", FRAMES[0], [nothing], frozenset())["x.rule"]["unexpected_count"] == 0


def test_rules_of_one_name_that_differ_have_plans_of_their_own() -> None:
    kind = "expect_column_values_to_be_between"
    high, low = (Rule("low.range", kind, {"column": "low", "max_value": top}, "why", "low") for top in (3, 2))
    counts = [
        compute_rules("places", FRAMES[0], [rule], frozenset())["low.range"]["unexpected_count"]
        for rule in (high, low, high)
    ]
    assert counts == [1, 2, 1]

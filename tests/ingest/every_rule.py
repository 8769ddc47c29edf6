"""A rule of each kind that a contract may have, and frames that keep and break them."""

from typing import Any

import pandas as pd

KWARGS: dict[str, dict[str, Any]] = {
    "expect_column_values_to_not_be_null": {"column": "code"},
    "expect_column_values_to_be_null": {"column": "code"},
    "expect_column_values_to_be_in_set": {"column": "code", "value_set": ["a", "b"]},
    "expect_column_values_to_not_be_in_set": {"column": "code", "value_set": ["a"]},
    "expect_column_values_to_match_regex": {"column": "code", "regex": "^[ab]$"},
    "expect_column_values_to_not_match_regex": {"column": "code", "regex": "^a"},
    "expect_column_values_to_be_between": {"column": "low", "min_value": 2, "max_value": 3},
    "expect_column_value_lengths_to_be_between": {"column": "code", "min_value": 1, "max_value": 1},
    "expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "high", "column_B": "low"},
    "expect_column_pair_values_to_be_in_set": {
        "column_A": "low",
        "column_B": "high",
        "value_pairs_set": [(1, 2), (2, 4)],
    },
    "expect_select_column_values_to_be_unique_within_record": {"column_list": ["low", "high"]},
}
FRAMES = [
    pd.DataFrame({"low": [1, 2, 3, 4], "high": [2, 4, 3, 1], "code": ["a", "b", None, "abc"]}),
    pd.DataFrame({"low": [5, 2], "high": [5, 4], "code": ["c", "a"]}),
]

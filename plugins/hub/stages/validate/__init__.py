"""Rows → verdict: a chunk judged by its contract's rules, with Great Expectations on a pandas frame."""

from hub.stages.validate.bounds import out_of_bounds
from hub.stages.validate.computing import RuleFailed
from hub.stages.validate.engine import load_great_expectations
from hub.stages.validate.judging import judge_delivery, judge_rejections, validate_chunk, validate_small
from hub.stages.validate.typed import typed_frame

__all__ = [
    "RuleFailed",
    "judge_delivery",
    "judge_rejections",
    "load_great_expectations",
    "out_of_bounds",
    "typed_frame",
    "validate_chunk",
    "validate_small",
]

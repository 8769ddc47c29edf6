"""Rows → verdict: a chunk judged by its contract's rules, with Great Expectations on a pandas frame."""

from hub.stages.validate.computing import RuleFailed
from hub.stages.validate.engine import load_great_expectations
from hub.stages.validate.judging import judge_delivery, judge_rejections, validate_chunk, validate_small

__all__ = [
    "RuleFailed",
    "judge_delivery",
    "judge_rejections",
    "load_great_expectations",
    "validate_chunk",
    "validate_small",
]

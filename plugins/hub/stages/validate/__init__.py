"""Rows → verdict: which rows of a chunk break their contract's rules, and whether a whole delivery is plausible."""

from hub.stages.validate.bounds import out_of_bounds
from hub.stages.validate.chunks import validate_chunk
from hub.stages.validate.deliveries import delivery_problems, rejection_problems
from hub.stages.validate.expectations import RuleFailed, load_great_expectations
from hub.stages.validate.typed import typed_frame

__all__ = [
    "RuleFailed",
    "delivery_problems",
    "load_great_expectations",
    "out_of_bounds",
    "rejection_problems",
    "typed_frame",
    "validate_chunk",
]

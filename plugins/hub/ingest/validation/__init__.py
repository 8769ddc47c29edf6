"""Rows → verdict: which rows of a chunk break their contract's rules, and whether a whole delivery is plausible."""

from hub.ingest.validation.bounds import out_of_bounds
from hub.ingest.validation.chunks import rule_problems, validate_chunk
from hub.ingest.validation.data_docs import Validated, write_pages
from hub.ingest.validation.deliveries import delivery_problems, rejection_problems, too_many_rejected
from hub.ingest.validation.expectations import RuleFailed, load_great_expectations
from hub.ingest.validation.typed import typed_frame

__all__ = [
    "RuleFailed",
    "Validated",
    "delivery_problems",
    "load_great_expectations",
    "out_of_bounds",
    "rejection_problems",
    "rule_problems",
    "too_many_rejected",
    "typed_frame",
    "validate_chunk",
    "write_pages",
]

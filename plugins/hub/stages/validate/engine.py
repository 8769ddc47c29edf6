"""Great Expectations, imported when it is needed and no more of it than a frame takes to be judged."""

import functools
import importlib
import logging
from dataclasses import dataclass
from typing import Any

from hub.contract_rules import ROW_EXPECTATIONS
from hub.lean_imports import garbage_left_alone, name_by_name, put_off
from hub.settings import silence_great_expectations

UNUSED = ("scipy.stats", "altair", "jsonschema", "mistune")
"""For statistics and charts that compare distributions, and for pages that show what was found."""
PACKAGE = "great_expectations"
EXPECTATIONS = f"{PACKAGE}.expectations.core"
GATHERING = (
    PACKAGE,
    *(f"{PACKAGE}.{name}" for name in ("core", "data_context", "data_context.data_context", "expectations")),
    EXPECTATIONS,
    f"{PACKAGE}.datasource.fluent",
)
"""Each names all that is below it: projects, stores and pages, every expectation, and models of all the databases and
files that it can read from. Here, frames are given to it, and a contract knows few kinds of rules."""


@dataclass(frozen=True)
class GreatExpectations:
    """The parts of Great Expectations that judge a frame."""

    execution_engine: Any
    configuration: Any
    condition: Any
    graph: Any
    outcome: Any


@functools.cache
def load_great_expectations() -> GreatExpectations:
    """Import Great Expectations, which takes some 0.25 s of CPU, and 1.4 s with all of it: once a process, before tasks
    are forked from it, or beside the copying of a file's bytes."""
    silence_great_expectations()
    # It says at info level which functions it skipped while registering: some 200 lines.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    with garbage_left_alone(), put_off(*UNUSED), name_by_name(*GATHERING):
        # Here and not above: not at the start of every `hub` command.
        from great_expectations.core.expectation_validation_result import ExpectationValidationResult  # noqa: PLC0415
        from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine  # noqa: PLC0415
        from great_expectations.expectations.expectation_configuration import (  # noqa: PLC0415
            ExpectationConfiguration,
        )
        from great_expectations.expectations.row_conditions import PassThroughCondition  # noqa: PLC0415
        from great_expectations.validator.validation_graph import ValidationGraph  # noqa: PLC0415

        # They are found by name once their modules have been imported, which else the whole package sees to.
        importlib.import_module(f"{PACKAGE}.expectations.metrics")
        for name in sorted(ROW_EXPECTATIONS):
            importlib.import_module(f"{EXPECTATIONS}.{name}")

    return GreatExpectations(
        PandasExecutionEngine,
        ExpectationConfiguration,
        PassThroughCondition,
        ValidationGraph,
        ExpectationValidationResult,
    )

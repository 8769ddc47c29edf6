"""A contract's rules → the rows of a frame that break them, by Great Expectations.

The frame goes straight to the execution engine. A data source would also hash every value of it for a fingerprint that
nothing reads, which takes longer than all rules together (``docs/decisions/0003``).
"""

import functools
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from hub.contracts.rules import COLUMN_KEYS, Rule
from hub.ingest.validation.bounds import stated_time
from hub.settings import environment_with

BATCH = "chunk"
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}
RUN = {"result_format": RESULT_FORMAT, "catch_exceptions": False}
"""Without catching: Great Expectations would write the text of an error to the log, with values of rows."""


class RuleFailed(RuntimeError):
    """A rule could not be computed. Our own assumption is broken: the delivery must not pass, and nothing is loaded."""


@functools.cache
def load_great_expectations() -> ModuleType:
    """Import Great Expectations, which takes more than a second: when it is needed, and not for every command."""
    # It says at info level which functions it skipped while registering: some 200 lines.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    # It reads at import whether to send usage reports.
    with environment_with({"GX_ANALYTICS_ENABLED": "false"}):
        import great_expectations  # noqa: PLC0415

    return great_expectations


def compute_rules(
    feed: str, frame: pd.DataFrame, rules: Sequence[Rule], timed: frozenset[str]
) -> dict[str, Mapping[str, Any]]:
    """Each rule's result by its name, as Great Expectations gives it: how many rows were looked at
    (``element_count``), how many break the rule (``unexpected_count``) and which (``unexpected_index_list``), never
    values. ``timed`` are the columns that hold points in time.

    Raises :class:`RuleFailed` when a rule raises or is not computed.
    """
    gx = load_great_expectations()
    results: dict[str, Mapping[str, Any]] = {}
    for rule in rules:
        engine = gx.execution_engine.PandasExecutionEngine(batch_data_dict={BATCH: frame[_columns(rule, frame)]})
        validator = gx.validator.validator.Validator(engine, data_context=_quiet_context())
        try:
            (outcome,) = validator.graph_validate([_expectation(rule, timed).configuration], RUN)
        except Exception as error:
            # Its own text may hold values of the rows; only its kind and the rule are named.
            kind = type(error.__cause__ or error).__name__
            raise RuleFailed(f"rule {rule.name} of {feed} could not be computed: {kind}") from None
        results[rule.name] = outcome.result
    return results


def parameter_problems(rules: Sequence[Rule], timed: frozenset[str]) -> list[str]:
    """What Great Expectations says about each rule with a parameter that its expectation does not have, or with a
    missing one. No rows are looked at."""
    problems = []
    for rule in rules:
        try:
            _expectation(rule, timed)
        except (TypeError, ValueError) as refused:
            problems.append(f"rule {rule.name}: {' '.join(str(refused).split())}")
    return problems


def _columns(rule: Rule, frame: pd.DataFrame) -> list[str]:
    """The columns that a rule reads: the engine copies the rows that have a value, with all columns it was given."""
    if rule.when is not None:
        return list(frame.columns)
    return [*(rule.kwargs[key] for key in COLUMN_KEYS if key in rule.kwargs), *rule.kwargs.get("column_list", ())]


@functools.cache
def _quiet_context() -> Any:
    return new_context()


def new_context(plugins_directory: Path | None = None) -> Any:
    """A context that draws no progress bars and keeps nothing on disk. The directory has styles of pages."""
    gx = load_great_expectations()
    kinds = gx.data_context.types.base
    configuration = kinds.DataContextConfig(
        progress_bars=kinds.ProgressBarsConfig(globally=False),
        store_backend_defaults=kinds.InMemoryStoreBackendDefaults(),
        plugins_directory=None if plugins_directory is None else str(plugins_directory),
    )
    return gx.get_context(mode="ephemeral", project_config=configuration)


def _expectation(rule: Rule, timed: frozenset[str]) -> Any:
    gx = load_great_expectations()
    kwargs = dict(rule.kwargs)
    if rule.when is not None:
        # The other kinds of condition cannot compare two columns, or look into a text.
        kwargs["row_condition"] = gx.expectations.row_conditions.PassThroughCondition(pass_through_filter=rule.when)
    if rule.column in timed:
        for limit in ("min_value", "max_value"):
            if isinstance(kwargs.get(limit), str):
                kwargs[limit] = stated_time(kwargs[limit], is_latest=limit == "max_value")
    class_name = "".join(part.capitalize() for part in rule.expectation.split("_"))
    return getattr(gx.expectations, class_name)(**kwargs)

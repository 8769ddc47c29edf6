"""Great Expectations, imported when it is needed and no more of it than a frame takes to be judged."""

import functools
import gc
import importlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from hub.settings import silence_great_expectations


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
    """Import Great Expectations, which takes some 0.8 s of CPU: once a process, before tasks are forked from it,
    or beside the copying of a file's bytes."""
    silence_great_expectations()
    # It says at info level which functions it skipped while registering: some 200 lines.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    with _garbage_left_alone(), _put_off("scipy.stats", "altair"):
        # Here and not above: not at the start of every `hub` command.
        from great_expectations.core.expectation_validation_result import ExpectationValidationResult  # noqa: PLC0415
        from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine  # noqa: PLC0415
        from great_expectations.expectations.expectation_configuration import (  # noqa: PLC0415
            ExpectationConfiguration,
        )
        from great_expectations.expectations.row_conditions import PassThroughCondition  # noqa: PLC0415
        from great_expectations.validator.validation_graph import ValidationGraph  # noqa: PLC0415

    return GreatExpectations(
        PandasExecutionEngine,
        ExpectationConfiguration,
        PassThroughCondition,
        ValidationGraph,
        ExpectationValidationResult,
    )


@contextmanager
def _garbage_left_alone() -> Iterator[None]:
    """What an import makes stays for the life of the process. Looking through it for garbage time and again, also when
    the process ends, took half as long as the import; and a task that is forked from here would copy those pages."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_collecting:
            gc.enable()


class _PutOff(ModuleType):
    """Stands for a module until somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _put_off(*names: str) -> Iterator[None]:
    """Modules that what is imported here names and does not use are not imported with it. Great Expectations asks for
    statistics and charts in order to compare distributions, and they take two fifths of its import."""
    stands = {name: _PutOff(name) for name in names if name not in sys.modules}
    sys.modules.update(stands)
    try:
        yield
    finally:
        for name, module in stands.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]

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

    validator: Any
    execution_engine: Any
    configuration: Any
    condition: Any
    context: Any


@functools.cache
def load_great_expectations() -> GreatExpectations:
    """Import Great Expectations, which takes some 0.8 s of CPU: once a process, before tasks are forked from it,
    or beside the copying of a file's bytes."""
    silence_great_expectations()
    # It says at info level which functions it skipped while registering: some 200 lines.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    with _garbage_left_alone(), _put_off("scipy.stats", "altair"):
        import great_expectations as gx  # noqa: PLC0415  # see above: not at the start of every `hub` command
        from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415
        from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine  # noqa: PLC0415
        from great_expectations.expectations import expectation_configuration  # noqa: PLC0415
        from great_expectations.expectations.row_conditions import PassThroughCondition  # noqa: PLC0415
        from great_expectations.validator.validator import Validator  # noqa: PLC0415

        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    configuration = expectation_configuration.ExpectationConfiguration
    return GreatExpectations(Validator, PandasExecutionEngine, configuration, PassThroughCondition, context)


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

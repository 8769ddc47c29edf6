"""Two hubs with the same keys: one reads in order, the other with Spark."""

import inspect
import multiprocessing
from collections.abc import Callable

import pytest

from conftest import share_keys
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from scale.hubs import Both

APART = multiprocessing.get_context("fork")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Each test is a process of its own: one that has used Spark keeps its Java, and a dead one is not replaced."""
    given = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    process = APART.Process(target=pyfuncitem.obj, kwargs=given)
    process.start()
    process.join()
    assert process.exitcode == 0, "the test has failed in its own process, whose output says why"
    return True


@pytest.fixture
def both(make_settings: Callable[[], Settings]) -> Both:
    """What people and records are called in raw is then the same in both."""
    ordered, spark = make_settings(), make_settings()
    for purpose in (Purpose.PERSON, Purpose.TEXT, Purpose.RECORD, Purpose.MASTER):
        read_ring(ordered, purpose)
    share_keys(ordered, spark)
    return Both(ordered, spark)

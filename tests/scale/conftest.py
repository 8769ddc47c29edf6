"""Two hubs with the same keys: one reads in order, the other with Spark."""

from collections.abc import Callable

import pytest

from conftest import share_keys
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from scale.hubs import Both


@pytest.fixture
def both(make_settings: Callable[[], Settings]) -> Both:
    """What people and records are called in raw is then the same in both."""
    ordered, spark = make_settings(), make_settings()
    for purpose in (Purpose.PERSON, Purpose.TEXT, Purpose.RECORD, Purpose.MASTER):
        read_ring(ordered, purpose)
    share_keys(ordered, spark)
    return Both(ordered, spark)

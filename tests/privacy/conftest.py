"""A hub that takes in letters, calls and packs."""

import pytest
import sqlalchemy as sa

from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from privacy.letters import FEEDS


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    return settings

"""A warehouse to which tests of incidents can put reports."""

import pytest
import sqlalchemy as sa

from linkage.reports import make_table


@pytest.fixture
def world(engine: sa.Engine) -> sa.Engine:
    """The engine of a warehouse with an empty table of reports."""
    make_table(engine)
    return engine

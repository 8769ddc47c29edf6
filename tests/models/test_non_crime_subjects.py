"""The database itself refuses the subject of a non-crime incident without a threshold code."""

import pytest
import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

TABLE = "intermediate.int_incidents__suspects"


def test_the_database_refuses_the_subject_of_a_non_crime_incident_below_the_threshold(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.TRANSFORMER)
    assert fetch(engine, f"select count(*) > 0 from {TABLE}") == [True]
    refused = pytest.raises(sa.exc.IntegrityError, match="subject_of_a_non_crime_incident_only_past_the_threshold")
    with refused, engine.begin() as connection:
        connection.execute(sa.text(f"update {TABLE} set is_criminal = false, threshold_code = null"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"update {TABLE} set is_criminal = false, threshold_code = 'real_risk'"))

"""BI tools take the first date of a view as its time: the day or month that a row is about, not that of a load."""

import pytest
import sqlalchemy as sa

from hub.publish import publish
from hub.publish.published import STAMPS
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

WITHOUT = {"data_dictionary_v1"} | {f"dim_{one}_v1" for one in ("area", "force", "outcome", "provider", "strand")}
"""Lists: their rows are of no day."""
COLUMNS = """
    select table_name::text, column_name::text, data_type from information_schema.columns
    where table_schema = 'publish' order by table_name, ordinal_position
"""
OLDER = """
    create view publish.{view} with (security_invoker = true)
    as select publish_id, data_as_of, published_at, {own} from publish_1.{view}
"""


def columns_of(engine: sa.Engine) -> dict[str, dict[str, str]]:
    """Names and types of the columns of each published view, in their order."""
    found: dict[str, dict[str, str]] = {}
    for view, column, kind in fetch(engine, COLUMNS):
        found.setdefault(view, {})[column] = kind
    return found


@pytest.fixture
def owner(published: Settings) -> sa.Engine:
    return open_warehouse(published, Role.OWNER)


def test_a_view_begins_with_the_date_that_its_rows_are_about(owner: sa.Engine) -> None:
    views = columns_of(owner)
    assert len(views) > 30
    begins = {view for view, columns in views.items() if next(iter(columns.values())).startswith(("date", "timestamp"))}
    assert set(views) - begins == WITHOUT
    assert {tuple(columns)[-3:] for columns in views.values()} == {tuple(STAMPS)}


def test_a_view_of_an_older_hub_is_put_in_order_by_the_next_publish(published: Settings, owner: sa.Engine) -> None:
    before = columns_of(owner)
    view = "force_scorecard_v1"
    own = ", ".join(column for column in before[view] if column not in STAMPS)
    with owner.begin() as connection:
        connection.execute(sa.text("set local role hub_publisher"))
        connection.execute(sa.text(f"drop view publish.{view}"))
        connection.execute(sa.text(OLDER.format(view=view, own=own)))
        connection.execute(sa.text("reset role"))
        connection.execute(sa.text("update ledger.builds set deliveries_state = deliveries_state || '.'"))
    assert tuple(columns_of(owner)[view])[:3] == tuple(STAMPS)
    assert publish(published, open_warehouse(published, Role.PUBLISHER)).is_new
    assert {name: list(columns) for name, columns in columns_of(owner).items()} == {
        name: list(columns) for name, columns in before.items()
    }
    assert fetch(owner, f"select obj_description('publish.{view}'::regclass)")[0].startswith("One row per police force")
    for role in ("hub_analyst", "force_E23000001"):
        with open_warehouse(published, role).connect() as connection:
            assert connection.scalar(sa.text(f"select count(*) > 0 from publish.{view}"))
    with open_warehouse(published, "hub_bi").connect() as connection, pytest.raises(sa.exc.ProgrammingError):
        connection.execute(sa.text(f"select 1 from publish.{view}"))

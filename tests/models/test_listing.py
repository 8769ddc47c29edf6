"""What a BI tool finds when it lists what there is, by the ways in which tools ask: ``docs/bi.md`` tells of each."""

import pytest
import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.grant_policy import read_policy

BY_STANDARD = "select table_name from information_schema.tables where table_schema = 'publish'"
BY_CATALOGUE = """
    select relname from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = 'publish' and relkind in ('r', 'v')
        and has_schema_privilege(nspname, 'usage') and has_table_privilege(pg_class.oid, 'select')
"""
"""As QGIS asks, and JDBC that hides what the role may not read."""


@pytest.mark.parametrize(("role", "group"), [("hub_bi", "hub_bi"), ("force_E23000001", "hub_force")])
def test_a_tool_that_asks_for_what_the_role_may_read_finds_that(
    published_once: Settings, role: str, group: str
) -> None:
    given = {view for view, readers in read_policy().published.items() if group in readers}
    with open_warehouse(published_once, role).connect() as connection:
        for listing in (BY_STANDARD, BY_CATALOGUE):
            assert set(connection.scalars(sa.text(listing))) == given
        # Other tools list names that the role may not read, and are refused when they read one.
        listed = set(sa.inspect(connection).get_view_names(schema="publish"))
        assert listed == read_policy().published.keys() > given
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text("select 1 from publish.incidents_v1"))

"""An auditor reads what a build makes again, and keeps no build from its work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.publish.holding_readers import end_holding_readers
from hub.settings import Settings
from hub.warehouse import holding_auditors
from hub.warehouse.build_lock import one_build_at_a_time
from hub.warehouse.engine import open_warehouse, role_address
from hub.warehouse.roles import Role

ANEW = "lock table ledger.builds in access exclusive mode"
TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")


@contextmanager
def reading_without_end(settings: Settings, role: str, relation: str = "ledger.builds") -> Iterator[sa.Connection]:
    """A session that has taken its timeouts away and is in the middle of a transaction."""
    address = role_address(settings, role).set(drivername="postgresql+psycopg")
    with sa.create_engine(address, poolclass=sa.NullPool).connect() as connection:
        for name in TIMEOUTS:
            connection.exec_driver_sql(f"set {name} = 0")
        connection.commit()
        connection.exec_driver_sql(f"select count(*) from {relation}")
        yield connection


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding_auditors, "PATIENCE", timedelta(seconds=0.5))
    monkeypatch.setattr(holding_auditors, "LOOK_SECONDS", 0.2)


@pytest.mark.parametrize("role", [Role.TRANSFORMER, Role.OWNER])
def test_an_auditor_who_holds_what_a_build_makes_anew_loses_the_session(settings: Settings, role: Role) -> None:
    builder = open_warehouse(settings, role)
    with (
        reading_without_end(settings, Role.AUDITOR) as held,
        reading_without_end(settings, Role.AUDITOR, "ledger.publishes") as other,
        one_build_at_a_time(builder),
    ):
        with builder.begin() as connection:
            connection.exec_driver_sql("set local lock_timeout = '60s'")
            connection.exec_driver_sql(ANEW)
            assert connection.scalar(sa.text("select current_user")) == role
        with pytest.raises(sa.exc.OperationalError):
            held.exec_driver_sql("select 1")
        held.invalidate()
        assert other.scalar(sa.text("select 1")) == 1, "who keeps nobody waiting stays"


def test_a_part_of_the_hub_that_holds_it_is_waited_for(settings: Settings) -> None:
    builder = open_warehouse(settings, Role.TRANSFORMER)
    with reading_without_end(settings, Role.PUBLISHER) as held, one_build_at_a_time(builder):
        with builder.connect() as connection:
            connection.exec_driver_sql("set local lock_timeout = '2s'")
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                connection.exec_driver_sql(ANEW)
        assert held.scalar(sa.text("select 1")) == 1


def test_a_builder_reads_nothing_more_for_that_and_no_other_role_may_become_an_auditor(settings: Settings) -> None:
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text("select 1 from audit.log"))
        connection.rollback()
        members = sa.text(
            "select rolname from pg_roles where not rolsuper and pg_has_role(rolname, 'hub_auditor', 'SET')"
        )
        assert set(connection.scalars(members)) == {"hub_auditor", "hub_transformer", "hub_owner"}


def test_a_publish_ends_an_auditor_who_holds_a_published_view(settings: Settings) -> None:
    publisher = open_warehouse(settings, Role.PUBLISHER)
    with publisher.begin() as connection:
        connection.exec_driver_sql("create view publish.seen_v1 as select 1 as one")
        connection.exec_driver_sql("grant select on publish.seen_v1 to hub_analyst")
    with reading_without_end(settings, Role.AUDITOR, "publish.seen_v1") as held:
        with publisher.begin() as connection:
            assert end_holding_readers(connection, settings) == 1
            assert end_holding_readers(connection, settings) == 0
        with pytest.raises(sa.exc.OperationalError):
            held.exec_driver_sql("select 1")
        held.invalidate()

"""What the journey's hub does when somebody wants it without its samples."""

import sqlalchemy as sa

from hub.ingest.samples import note_simulated
from hub.orchestration.airflow_environment import metadata_address
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from local.hub_command import call_hub, call_hub_well

RELATIONS = """
    select n.nspname || '.' || c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema|public$|audit$)' order by 1
"""
OF_A_NEW_HUB = {"ledger.alembic_version", "ledger.feeds", "ledger.last_publish", "ledger.legal_dispatch_moves"}


def samples_are_removed_once_nothing_else_is_there(hub: Settings) -> None:
    """Of a stopped hub to which a person had files of their own delivered, too."""
    refused = call_hub(hub, "samples", "remove", "--yes")
    assert refused.returncode == 1
    assert "more than samples came to this hub" in refused.stderr
    engine = open_warehouse(hub, Role.OWNER)
    with engine.begin() as connection:
        hashes = list(connection.scalars(sa.text("select sha256 from ledger.deliveries")))
        note_simulated(connection, hashes)
    assert f"{len(hashes):,} deliveries" in call_hub_well(hub, "samples", "remove", "--yes")
    with engine.connect() as connection:
        relations = list(connection.scalars(sa.text(RELATIONS)))
        filled = {one for one in relations if connection.scalar(sa.text(f"select count(*) from {one}"))}
    assert filled == OF_A_NEW_HUB
    with sa.create_engine(metadata_address(hub), poolclass=sa.pool.NullPool).connect() as connection:
        # Airflow itself keeps the last run of each.
        assert connection.execute(sa.text("select dag_id from dag_run group by 1 having count(*) > 1")).all() == []
        assert connection.scalar(sa.text("select count(*) from asset_event")) == 0

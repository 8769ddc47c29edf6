"""The drill says that the hub would come back whole, and names what would not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.backup.places import BackupProblem
from hub.local.condition import Condition, conditions
from hub.recovery.drill import drill
from hub.warehouse.engine import begin, open_as_administrator, open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, erase, token_of
from recovery.hubs import OwnHub, own_hub


def wrong(found: list[Condition]) -> set[str]:
    return {one.part for one in found if one.is_wrong}


def look(hub: OwnHub, *, later: timedelta = timedelta()) -> set[str]:
    return wrong(conditions(hub.settings, open_warehouse(hub.settings, Role.AUDITOR), datetime.now(UTC) + later))


def test_a_drill_proves_the_backup_and_names_what_was_changed_since(tmp_path: Path) -> None:
    with own_hub(tmp_path) as hub:
        assert look(hub) == {"kept until", "base backup"}
        with pytest.raises(BackupProblem, match="no base backup"):
            drill(hub.settings, CATALOGUE)
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
        administrator = open_as_administrator(hub.settings)
        with begin(administrator) as connection:
            connection.execute(sa.text("create schema publish_1 authorization hub_owner"))
            connection.execute(sa.text("create table publish_1.measures_v1 as select 1 as measure, 42 as figure"))
            connection.execute(sa.text("alter table publish_1.measures_v1 owner to hub_owner"))
            # A table that is divided by reader lies beside its publish.
            connection.execute(sa.text("create schema rows_of_publish_1 authorization hub_owner"))
            connection.execute(sa.text("create table rows_of_publish_1.allocations_v1 as select 7 as figure"))
            connection.execute(sa.text("alter table rows_of_publish_1.allocations_v1 owner to hub_owner"))
        hub.backup()
        erase(hub.settings, hub.engine, token_of(hub.engine, LETTERS, "A"))
        done = drill(hub.settings, CATALOGUE)
        assert done.problems == []
        assert {proof.name for proof in done.proofs} == {
            "ledger law",
            "audit chain",
            "roles",
            "published checksums",
            "landing store",
            "archive",
        }
        assert look(hub) == set()
        assert look(hub, later=timedelta(minutes=2)) == {"kept until"}
        assert look(hub, later=timedelta(days=9)) == {"kept until", "base backup", "drill"}

        with begin(administrator) as connection:
            connection.execute(sa.text("update publish_1.measures_v1 set figure = 43"))
            connection.execute(sa.text("update rows_of_publish_1.allocations_v1 set figure = 8"))
            connection.execute(sa.text("create schema publish_0 authorization hub_owner"))
            connection.execute(sa.text("alter table audit.log disable trigger user"))
            connection.execute(sa.text("update audit.log set who = 'nobody' where entry_id = 1"))
            connection.execute(sa.text("grant select on ledger.deliveries to hub_bi"))
            connection.execute(sa.text("alter table ledger.deliveries drop constraint nothing_is_lost"))
            connection.execute(sa.text("update ledger.deliveries set rows_read = rows_read + 1"))
        next((hub.places.landing / "letters").glob("*/*")).unlink()
        hub.settings.landing.rename(tmp_path / "lost")
        found = " ".join(drill(hub.settings, CATALOGUE).problems)
        published = ("publish_1.measures_v1", "publish_1.allocations_v1", "publish_0: no checksums are kept")
        for one in (
            "do not add up",
            "entry 1 was changed",
            "rights differ",
            "1 rows",
            "is not in the backup",
            *published,
        ):
            assert one in found, found
        assert "drill" in look(hub)
        assert not (hub.settings.home / "drill").exists()
        assert len(json.loads(max(hub.places.drills.glob("*.json")).read_text())["problems"]) >= 5

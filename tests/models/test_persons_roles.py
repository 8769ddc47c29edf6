"""Who sends packages reads no person, and who reads persons for them writes nothing."""

import pytest
import sqlalchemy as sa

from hub.warehouse.engine import open_warehouse
from models.persons_hub import Hub
from models.persons_world import CR, TV, World
from models.rows import fetch

WRITES = "insert", "update", "delete", "truncate"
RELATIONS = """
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
"""


def those_with(hub: Hub, role: str, *rights: str) -> set[str]:
    """The tables and views on which, or on a column of which, a role has one of these rights."""
    query = f"""
        select name from ({RELATIONS}) as one (name), unnest(array{list(rights)}) as rights (kind)
        where case
            when kind in ('delete', 'truncate') then has_table_privilege('{role}', name, kind)
            else has_any_column_privilege('{role}', name, kind)
        end
    """
    return set(fetch(hub.owner, query))


def test_who_sends_reads_no_person_and_who_reads_persons_writes_nothing(persons_hub: tuple[Hub, World]) -> None:
    hub, _ = persons_hub
    everything = set(fetch(hub.owner, RELATIONS))
    reports = {f"raw.{feed}" for feed in (TV, CR)} | {f"vault.{feed}" for feed in (TV, CR)}
    assert reports | {f"staging.stg_{TV}", "vault.quarantined_rows", "vault.subject_keys"} <= everything
    sends = those_with(hub, "hub_dispatcher", "select", *WRITES)
    assert {
        name for name in sends if name.startswith(("vault.", "staging.", "quarantine.", "intermediate.", "marts."))
    } == set()
    assert {name for name in sends if name.startswith("raw.")} == {"raw.force_responses", "raw.provider_responses"}
    assert those_with(hub, "hub_discloser", *WRITES) == set()
    reads = those_with(hub, "hub_discloser", "select")
    assert reports <= reads
    assert {name for name in reads if name.startswith(("intermediate.", "linkage.", "audit."))} == set()
    assert {name for name in reads if name.startswith("quarantine.")} == {"quarantine.waiting_records"}
    assert {name for name in reads if name.startswith("vault.")} == {
        "vault.subject_keys", *(f"vault.{feed}" for feed, one in hub.catalogue.contracts.items() if one.subjects)
    }  # fmt: skip
    others = (
        "select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid where m.member = to_regrole('{}')"
    )
    for role in ("hub_dispatcher", "hub_discloser"):
        assert fetch(hub.owner, others.format(role)) == []
        creates = "has_database_privilege('{0}', current_database(), 'create, temporary')"
        assert fetch(hub.owner, f"select {creates.format(role)}") == [False]
    # As they try it, and not only as the catalogue has it.
    for role, query in (
        ("hub_dispatcher", f"select 1 from vault.{TV}"),
        ("hub_dispatcher", f"select 1 from staging.stg_{CR}"),
        ("hub_dispatcher", f"select 1 from raw.{CR}"),
        ("hub_discloser", "select 1 from vault.quarantined_rows"),
        ("hub_discloser", "select 1 from quarantine.rows"),
        ("hub_discloser", "delete from ledger.dispatch_persons"),
        ("hub_discloser", "update vault.subject_keys set key_version = 2"),
        ("hub_discloser", "create table public.a_copy as select 1"),
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            fetch(open_warehouse(hub.settings, role), query)

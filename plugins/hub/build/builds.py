"""Records of builds in the ledger."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hub.warehouse.tables import BUILDS

MADE_BY_DBT = ("staging", "intermediate", "marts", "candidate", "reference")
RESTS_ON = """
    update ledger.builds
    set (delivery_ids, data_as_of, deliveries_state) = (
        select coalesce(array_agg(delivery_id order by delivery_id) filter (where status = 'loaded'), '{}'),
               max(loaded_at) filter (where status = 'loaded'),
               md5(coalesce(string_agg(concat_ws('/', delivery_id, status, contract_version, count_rows_accepted,
                       count_rows_quarantined, count_rows_duplicate, loaded_at), E'\\n' order by delivery_id), ''))
               || (select md5(coalesce(string_agg(f::text, E'\\n' order by feed), '')) from marts.dim_feed f)
        from marts.fct_deliveries
    )
    where build_id = :build_id
"""
"""Ids of the loaded deliveries, the latest load, a digest over all deliveries and feeds."""
LINKED = """
    update ledger.builds
    set deliveries_state = deliveries_state || coalesce(
        case when selection is null then md5(concat_ws('/',
            (select concat_ws(',', count(*), max(changed_at)) from linkage.report_incidents),
            (select concat_ws(',', count(*), max(changed_at)) from linkage.mention_persons),
            (select concat_ws(',', count(*), max(changed_at)) from linkage.mention_areas),
            (select count(*) from linkage.report_text_places),
            (select max(change_id) from linkage.incident_changes),
            (select max(change_id) from linkage.person_changes)
        )) else (
            select substr(linked.deliveries_state, 65) from ledger.builds linked
            where linked.selection is null and linked.status = 'succeeded'
            order by linked.build_id desc limit 1
        ) end, '')
    where build_id = :build_id
"""
"""Adds to the digest what linkage has decided, manual overrides among it: a build of everything puts it into the marts,
one of a selection leaves it as it was."""


class BuildSuperseded(RuntimeError):
    """A later build has begun, which covers all that this one would; the message names both."""


def drop_unknown(engine: sa.Engine, known: Collection[str | None]) -> None:
    """Drop the tables and views in dbt's own schemas that no model or code list of the project makes any more.
    ``known`` are the relations that it makes, quoted as dbt quotes them."""
    query = sa.text("""
        select format('"%s"."%s"."%s"', current_database(), n.nspname, c.relname) as name, c.relkind
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any(:schemas) and c.relkind in ('r', 'v')
    """)
    with engine.begin() as connection:
        for name, kind in connection.execute(query, {"schemas": list(MADE_BY_DBT)}).all():
            if name not in known:
                connection.execute(sa.text(f"drop {'view' if kind == 'v' else 'table'} if exists {name} cascade"))


def seeds_of_last_load(engine: sa.Engine) -> str | None:
    """Hash of the code lists in the schema ``reference``, or None where that is not known: no build of
    everything has succeeded yet, or one of other lists has begun since the last that did, and may have loaded them."""
    query = sa.text("""
        with last_good as (
            select build_id, seeds_sha256 from ledger.builds
            where status = 'succeeded' and selection is null
            order by build_id desc limit 1
        )
        select seeds_sha256 from last_good
        where not exists (
            select from ledger.builds later
            where later.build_id > last_good.build_id and later.seeds_sha256 <> last_good.seeds_sha256
        )
    """)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


def built_code(engine: sa.Engine) -> str | None:
    """Hash of the dbt project of which the last good build of everything is, or None where there is none."""
    good = sa.select(BUILDS.c.code_sha256).where(BUILDS.c.status == "succeeded", BUILDS.c.selection.is_(None))
    with engine.connect() as connection:
        return connection.execute(good.order_by(BUILDS.c.build_id.desc()).limit(1)).scalar_one_or_none()


def tables_in(engine: sa.Engine, schema: str) -> frozenset[str]:
    """Names of the tables in a schema; none where the schema does not exist."""
    with engine.connect() as connection:
        return frozenset(sa.inspect(connection).get_table_names(schema=schema))


def must_start_from_nothing(engine: sa.Engine, code_sha256: str) -> bool:
    """Whether building only what is new would leave tables that other code, deliveries or keys made: no build of
    everything has succeeded yet, one of other code has run since the last that did, a delivery that it took in is
    loaded no longer or has been withdrawn, a key that made raw's tokens or hashes has changed, somebody has
    been erased or masked in a text, or the clock was set back: what came since then does not look new."""
    query = sa.text("""
        with last_good as (
            select max(build_id) as build_id, max(started_at) as started_at from ledger.builds
            where status = 'succeeded' and selection is null
        )
        select last_good.build_id is null
            or exists (select from ledger.builds b where b.build_id >= last_good.build_id and b.code_sha256 <> :code)
            or exists (
                select from ledger.built_deliveries built
                left join ledger.deliveries d on d.delivery_id = built.delivery_id and d.status = 'loaded'
                where d.rows_accepted is null or d.rows_accepted < built.rows_accepted
            )
            or exists (select from ledger.deliveries d where d.withdrawn_at >= last_good.started_at)
            or exists (
                select from ledger.builds b
                where greatest(b.started_at, b.linked_at, b.finished_at) > clock_timestamp()
            )
            or exists (
                select from ledger.deliveries d
                where greatest(d.received_at, d.loaded_at, d.withdrawn_at) > clock_timestamp()
            )
            or exists (
                select from vault.key_rotations r where r.purpose in ('person', 'text', 'record')
                and coalesce(r.finished_at, now()) >= last_good.started_at
            )
            or exists (
                -- What is derived from a person is made anew: places, persons, keys of reports.
                select from vault.erasures e where e.erased_at >= last_good.started_at
            )
            or exists (
                select from vault.text_mentions m where m.state = 'masked' and m.decided_at >= last_good.started_at
            )
        from last_good
    """)
    with engine.connect() as connection:
        return bool(connection.execute(query, {"code": code_sha256}).scalar_one())


def new_deliveries(engine: sa.Engine) -> list[uuid.UUID]:
    """The deliveries that the running build takes in: none that was loaded since its first half began."""
    with engine.connect() as connection:
        return list(connection.execute(sa.text("select delivery_id from staging.stg_ledger__new_deliveries")).scalars())


def start_build(
    engine: sa.Engine, *, selection: str | None, code_sha256: str, seeds_sha256: str, covers: str | None = None
) -> int:
    """Write down that a build begins, and where the next one is to ask for it, a mark of what it covers. Returns its
    number."""
    values = {"selection": selection, "code_sha256": code_sha256, "seeds_sha256": seeds_sha256, "covers": covers}
    with engine.begin() as connection:
        return int(connection.execute(sa.insert(BUILDS).values(values).returning(BUILDS.c.build_id)).scalar_one())


def is_covered(engine: sa.Engine, mark: str) -> bool:
    """Whether the last build of everything has succeeded, and covers what has this mark."""
    with engine.connect() as connection:
        last = last_build(connection, of_everything=True)
    return last is not None and last.status == "succeeded" and last.covers == mark


def continue_build(engine: sa.Engine, build_id: int) -> None:
    """A step of a build begins: also that of one that failed, when the step is tried again.

    Raises :class:`BuildSuperseded` where a later build of everything has begun.
    """
    builds = BUILDS.c
    later = sa.select(sa.func.max(builds.build_id)).where(builds.selection.is_(None), builds.build_id > build_id)
    with engine.begin() as connection:
        newest: int | None = connection.execute(later).scalar_one()
        if newest is not None:
            raise BuildSuperseded(f"build {newest} has begun since, and covers all that build {build_id} would")
        again = sa.update(BUILDS).where(builds.build_id == build_id)
        connection.execute(again.values(status="running", failed=[], reason=None, finished_at=None))


def note_step(engine: sa.Engine, build_id: int) -> None:
    """A step of a build that is a task of its own has ended; the next one is on its way."""
    with engine.begin() as connection:
        this = sa.update(BUILDS).where(BUILDS.c.build_id == build_id, BUILDS.c.status == "running")
        connection.execute(this.values(last_step_at=sa.func.clock_timestamp()))


def note_nodes(engine: sa.Engine, build_id: int, step: str, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Write down how many nodes of each kind ended in which state in a step; the last try of a step counts."""
    states = sa.func.coalesce(BUILDS.c.nodes_by_state, sa.text("'{}'::jsonb"))
    with engine.begin() as connection:
        this = sa.update(BUILDS).where(BUILDS.c.build_id == build_id)
        connection.execute(this.values(nodes_by_state=states.op("||")(sa.cast({step: counts}, JSONB))))


def note_linked(engine: sa.Engine, build_id: int) -> None:
    """Write down that what linkage has changed so far goes into this build: what changes later is for the next."""
    with engine.begin() as connection:
        linked = sa.update(BUILDS).where(BUILDS.c.build_id == build_id)
        connection.execute(linked.values(linked_at=sa.func.clock_timestamp()))


def finish_build(
    engine: sa.Engine,
    build_id: int,
    *,
    failed: Sequence[str],
    count_nodes: int,
    succeeded: bool,
    reason: str | None = None,
) -> None:
    """Write down how a build ended, and why it failed; of one that succeeded also what the marts rest on, and if it was
    of everything, which deliveries it took in."""
    values = {
        "status": "succeeded" if succeeded else "failed",
        "failed": list(failed),
        "reason": reason,
        "count_nodes": count_nodes,
        "finished_at": sa.func.clock_timestamp(),
    }
    with engine.begin() as connection:
        ended = sa.update(BUILDS).where(BUILDS.c.build_id == build_id).values(values)
        is_of_everything = connection.execute(ended.returning(BUILDS.c.selection.is_(None))).scalar_one()
        if succeeded and sa.inspect(connection).has_table("fct_deliveries", schema="marts"):
            # The publisher has no right to read the marts.
            connection.execute(sa.text(RESTS_ON), {"build_id": build_id})
            connection.execute(sa.text(LINKED), {"build_id": build_id})
        if succeeded and is_of_everything:
            connection.execute(
                sa.text("""
                    insert into ledger.built_deliveries
                        (delivery_id, rows_accepted, rows_duplicate, delivery_order, loaded_at, build_id)
                    select
                        delivery_id, count_rows_accepted, count_rows_duplicate, delivery_order, loaded_at, :build_id
                    from staging.stg_ledger__deliveries
                    where status = 'loaded'
                    on conflict (delivery_id) do update
                    set rows_accepted = excluded.rows_accepted, rows_duplicate = excluded.rows_duplicate,
                        delivery_order = excluded.delivery_order, loaded_at = excluded.loaded_at,
                        build_id = excluded.build_id
                    where (built_deliveries.rows_accepted, built_deliveries.rows_duplicate,
                           built_deliveries.delivery_order, built_deliveries.loaded_at)
                        is distinct from
                        (excluded.rows_accepted, excluded.rows_duplicate, excluded.delivery_order, excluded.loaded_at)
                """),
                {"build_id": build_id},
            )
            # A build from nothing has left out deliveries that are gone; the next need not start from nothing again.
            connection.execute(
                sa.text("""
                    delete from ledger.built_deliveries built
                    where not exists (
                        select from staging.stg_ledger__deliveries d
                        where d.delivery_id = built.delivery_id and d.status = 'loaded'
                    )
                """)
            )


def last_build(connection: sa.Connection, *, of_everything: bool = False) -> sa.Row[Any] | None:
    """The latest row of ``ledger.builds``, or the latest ``of_everything``, whatever became of it."""
    query = sa.select(BUILDS).order_by(BUILDS.c.build_id.desc()).limit(1)
    return connection.execute(query.where(BUILDS.c.selection.is_(None)) if of_everything else query).one_or_none()


def why_unfinished(build: sa.Row[Any] | None) -> str | None:
    """Why nothing may rest on what this build left, or None where it succeeded."""
    if build is None:
        return "nothing has been built yet; run hub build"
    what = "the last build of everything" if build.selection is None else "the last build"
    if build.status == "failed":
        return f"{what} failed ({', '.join(build.failed) or 'before its first model'}); run hub build"
    return f"{what} was stopped before its end; run hub build" if build.status == "running" else None

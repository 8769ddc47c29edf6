"""Reports about the same content or event become one incident; every reporter is kept.

One transaction: a run that is killed leaves what was there before. Only reports that are new, changed or gone since the
last run are looked at, and whatever hangs together with them; the result is that of a run from scratch.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from hub.contracts import read_catalogue
from hub.doors import carried_decisions, incident_state, linkage_tables
from hub.doors.hub_keys import Purpose, read_ring
from hub.doors.vault_reading import VaultReader
from hub.incident_evidence import RULES_VERSION
from hub.settings import Settings
from hub.stages.link_incidents import candidates, joining, marking, pairs, reading, replacing, settling
from hub.text_similarity import SKETCH_VERSION, FaintSketches

LINKAGE_LOCK = 4_207_005
RULES = f"{RULES_VERSION}/{SKETCH_VERSION}/{candidates.CANDIDATES_VERSION}/{pairs.PAIRS_VERSION}"
COUNTS = """
    select
        count(*) as looked_at,
        count(distinct incident_id) as incidents,
        (select count(*) from linkage.incident_changes where changed_at = now()) as changes
    from settled
"""


@dataclass(frozen=True)
class LinkedIncidents:
    """What a run did. ``counts``: reports ``changed`` (or new) and ``gone`` since the last run; ``compared`` pairs;
    reports ``looked_at``, whose incident was settled anew, and the ``incidents`` that these are now; ``changes``, the
    entries of the log of incidents that were merged, split or anchored anew."""

    counts: dict[str, int]
    seconds: float
    is_full: bool


def link_incidents(
    settings: Settings, engine: sa.Engine, *, full: bool = False, deliveries: Sequence[uuid.UUID] | None = None
) -> LinkedIncidents:
    """Settle which reports are one incident, from what has changed since the last run, or (``full``) from scratch.

    ``deliveries``: all that can have changed something since then; without them every report is looked at. Idempotent.
    A second run waits for the first. A change of the rules, of the sketches or of their key makes the run a full one.
    """
    began = time.monotonic()
    ring = read_ring(settings, Purpose.TEXT)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LINKAGE_LOCK)))
        full = _prepare(connection, f"{RULES}/{ring.newest}") or full
        if full:
            deliveries = None
            carried_decisions.carry_incident_pins(connection)
            marking.forget_all(connection)
        reader = reading.TraitsReader(
            connection, read_catalogue(settings.expectations), VaultReader(settings, "linkage of incidents"), full=full
        )
        reading.find_changed(connection, deliveries)
        fresh, gone = reading.count_changed(connection)
        look = _look_at_all if full else _look_at_changed
        compared = look(connection, reader, ring.secret)
        joining.join_block(connection, reader)
        settling.settle(connection)
        after = connection.execute(sa.text(COUNTS)).mappings().one()
        counts = {"changed": fresh, "gone": gone, "compared": compared, **after}
    return LinkedIncidents(counts, time.monotonic() - began, full)


def _prepare(connection: sa.Connection, version: str) -> bool:
    """Make the tables where they are missing; returns whether the state is of other rules, or of none."""
    linkage_tables.METADATA.create_all(connection)
    incident_state.METADATA.create_all(connection)
    # For a hub from before these were kept; its next run, by other rules, is a full one.
    for table, column in (
        ("report_marks", "sketch bytea"),
        ("report_pairs", "evidence_score double precision"),
        ("report_pairs", "is_backed boolean"),
    ):
        connection.execute(sa.text(f"alter table linkage.{table} add column if not exists {column}"))
    rules = incident_state.INCIDENT_RULES
    if connection.execute(sa.select(rules.c.rules_version)).scalars().all() == [version]:
        return False
    connection.execute(sa.delete(rules))
    connection.execute(sa.insert(rules).values(rules_version=version))
    return True


def _look_at_all(connection: sa.Connection, reader: reading.TraitsReader, sketch_key: bytes) -> int:
    ids: list[str] = []
    keys: list[marking.Keys] = []
    sketches: list[FaintSketches] = []
    posts: list[marking.Numbers] = []
    for part in marking.mark_changed(connection, reader, incident_state.REPORT_KEYS, sketch_key):
        keys.append(marking.Keys(part.keys.report + len(ids), part.keys.key, part.keys.position))
        sketches.append(part.sketches)
        posts.append(part.posts)
        ids += part.ids
    marking.order_keys(connection)
    reading.find_gone(connection)
    found = candidates.NO_PAIRS
    if ids:
        found = candidates.all_pairs(ids, marking.joined(keys), np.concatenate(sketches), np.concatenate(posts))
    pairs.judge_pairs(connection, reader, ids, found, settled={})
    pairs.keep_pairs(connection, full=True)
    joining.take_everything(connection)
    return len(found)


def _look_at_changed(connection: sa.Connection, reader: reading.TraitsReader, sketch_key: bytes) -> int:
    replacing.replace_changed(connection, reader, sketch_key)
    ids, found, seen = pairs.add_mates(connection, reader, *candidates.pairs_of_affected(connection))
    pairs.judge_pairs(connection, reader, ids, found, settled=pairs.settled_ambiguity(connection, ids), seen=seen)
    pairs.keep_pairs(connection, full=False)
    joining.grow_block(connection)
    return len(found)

"""From reports in the warehouse to incidents, run after run."""

import dataclasses
import hashlib
import uuid

import sqlalchemy as sa

from hub.linkage.incidents import link_incidents
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, add_version
from linkage.reports import (
    KETTLE,
    KETTLE_AGAIN,
    OTHER_POST,
    PIANO,
    POST,
    Told,
    all_that_is_known,
    incidents,
    put,
    put_override,
)


def test_the_same_post_is_one_incident_however_its_address_is_written(settings: Settings, world: sa.Engine) -> None:
    put(
        world,
        [
            Told(1, KETTLE, POST),
            Told(2, PIANO, "http://mobile.twitter.com/i/web/status/1234567890?s=20&t=abc."),
            Told(3, KETTLE, OTHER_POST),
        ],
    )
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2}), frozenset({3})}


def test_a_misspelt_copy_without_an_address_joins_the_post(settings: Settings, world: sa.Engine) -> None:
    put(world, [Told(1, KETTLE, POST), Told(2, KETTLE_AGAIN), Told(3, PIANO)])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2}), frozenset({3})}


def test_the_same_words_to_another_victim_are_another_incident(settings: Settings, world: sa.Engine) -> None:
    put(
        world,
        [
            Told(1, KETTLE, victim_name="Moss Fernley", victim_birth="1988-02-29"),
            Told(2, KETTLE, victim_name="Ivy Quarrymead", victim_birth="1951-07-03"),
        ],
    )
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1}), frozenset({2})}


def test_a_quoted_crime_reference_joins_but_not_across_forces(settings: Settings, world: sa.Engine) -> None:
    put(
        world,
        [
            Told(1, KETTLE, crime_reference="CR/0042/26", force="E23000001"),
            Told(2, PIANO, crime_reference="cr 0042 26", platform=None),
            Told(3, PIANO, crime_reference="CR/0042/26", force="W15000001", platform="reddit"),
        ],
    )
    link_incidents(settings, world)
    assert not any({1, 3} <= one for one in incidents(world))
    assert any({1, 2} <= one or {2, 3} <= one for one in incidents(world))


def test_a_report_that_is_gone_leaves_its_incident(settings: Settings, world: sa.Engine) -> None:
    reports = [Told(1, KETTLE, POST), Told(2, PIANO, POST), Told(3, KETTLE_AGAIN)]
    put(world, reports)
    link_incidents(settings, world)
    put(world, reports[1:])
    done = link_incidents(settings, world)
    assert done.counts["gone"] == 1
    assert incidents(world) == {frozenset({2}), frozenset({3})}


def test_a_run_over_new_deliveries_alone_leaves_what_a_run_from_scratch_leaves(
    settings: Settings, world: sa.Engine
) -> None:
    day, next_day = uuid.UUID(int=8), uuid.UUID(int=9)
    stayed = [Told(number, KETTLE if number % 2 else PIANO, delivery=day) for number in range(1, 9)]
    corrected = Told(20, KETTLE, POST, victim_name="Moss Fernley", delivery=day)
    put(world, [*stayed, corrected])
    link_incidents(settings, world, deliveries=[day])
    again = dataclasses.replace(corrected, url=OTHER_POST, delivery=next_day)
    put(world, [*stayed, again, Told(21, KETTLE_AGAIN, OTHER_POST, delivery=next_day)])
    done = link_incidents(settings, world, deliveries=[next_day])
    assert done.counts["changed"] == 2
    step_by_step = all_that_is_known(world)
    link_incidents(settings, world, full=True)
    assert all_that_is_known(world) == step_by_step


def test_copies_that_come_late_part_whoever_stood_beside_each_other(settings: Settings, world: sa.Engine) -> None:
    """More of them than are compared on either side, so that none of the new ones stands near both."""
    first, last = Told(1, KETTLE, POST), Told(90, KETTLE)
    put(world, [first, last])
    link_incidents(settings, world)
    assert len(all_that_is_known(world)["pairs"]) == 1
    put(world, [first, last, *(Told(number, KETTLE) for number in range(2, 40))])
    link_incidents(settings, world)
    step_by_step = all_that_is_known(world)
    link_incidents(settings, world, full=True)
    assert all_that_is_known(world) == step_by_step
    assert (first.report_id, last.report_id) not in {(row[0], row[1]) for row in step_by_step["pairs"]}


def test_what_stays_as_it_was_keeps_its_time(settings: Settings, world: sa.Engine) -> None:
    put(world, [Told(1, KETTLE, POST), Told(2, PIANO)])
    link_incidents(settings, world)
    before = _times(world)
    put(world, [Told(1, KETTLE, POST), Told(2, PIANO), Told(3, KETTLE, POST)])
    link_incidents(settings, world)
    link_incidents(settings, world, full=True)
    after = _times(world)
    assert {one: after[one] for one in before} == before


def test_what_stands_as_it_stood_is_not_even_locked(settings: Settings, world: sa.Engine) -> None:
    """A row that an insert tries and leaves alone is written all the same: with a lock, to its page and to the log."""
    stayed = [Told(1, KETTLE, POST), Told(2, KETTLE, POST), Told(3, KETTLE)]
    put(world, stayed)
    link_incidents(settings, world)
    put(world, [*stayed, Told(4, KETTLE_AGAIN, POST)])
    done = link_incidents(settings, world)
    assert done.counts["looked_at"] == 4
    rows = "select '{table}' from linkage.{table} where xmax::text <> '0'"
    locked = " union all ".join(rows.format(table=table) for table in ("report_pairs", "report_incidents"))
    with world.connect() as connection:
        assert connection.execute(sa.text(locked)).scalars().all() == []


def test_under_a_new_key_all_marks_are_made_anew_and_the_incidents_stay(settings: Settings, world: sa.Engine) -> None:
    put(world, [Told(1, KETTLE, POST), Told(2, KETTLE_AGAIN), Told(3, PIANO)])
    assert link_incidents(settings, world).is_full
    assert not link_incidents(settings, world).is_full
    before, ids = all_that_is_known(world), _times(world)
    add_version(settings, Purpose.TEXT, 2)
    assert link_incidents(settings, world).is_full
    after = all_that_is_known(world)
    # Those of references are below zero.
    of_texts = {row[0] for row in before["keys"] if isinstance(row[0], int) and row[0] > 0}
    assert of_texts
    assert not of_texts & {row[0] for row in after["keys"]}
    assert (after["pairs"], _times(world)) == (before["pairs"], ids)


def test_an_incident_is_called_after_its_earliest_report(settings: Settings, world: sa.Engine) -> None:
    late, early = Told(1, KETTLE, POST), Told(2, KETTLE, POST, reported_at="2026-03-04T09:00:00+00:00")
    put(world, [late, early])
    link_incidents(settings, world)
    # As the warehouse's macro stable_id makes it of the same parts.
    digest = hashlib.md5(f"incident/{early.report_id}".encode(), usedforsecurity=False).hexdigest()
    named = uuid.UUID(str(early.report_id)[:4] + digest[4:])
    assert {row[1] for row in all_that_is_known(world)["incidents"]} == {named}


def test_an_earlier_report_gives_the_incident_its_id_and_the_log_says_so(settings: Settings, world: sa.Engine) -> None:
    late, early = Told(5, KETTLE, POST), Told(6, PIANO, POST, reported_at="2026-03-04T09:00:00+00:00")
    put(world, [late])
    link_incidents(settings, world)
    put(world, [late, early])
    link_incidents(settings, world)
    assert _log(world) == ["re_anchored"]


def test_a_bridge_merges_and_its_loss_splits(settings: Settings, world: sa.Engine) -> None:
    apart = [Told(1, KETTLE, POST), Told(2, PIANO, platform=None, crime_reference="CR/77/26")]
    put(world, apart)
    link_incidents(settings, world)
    put(world, [*apart, Told(3, PIANO, POST, crime_reference="CR/77/26")])
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2, 3})}
    put(world, apart)
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1}), frozenset({2})}
    assert _log(world) == ["merged", "split"]


def test_an_override_wins_over_the_same_post_and_over_no_evidence(settings: Settings, world: sa.Engine) -> None:
    reports = [Told(1, KETTLE, POST), Told(2, KETTLE, POST), Told(3, PIANO), Told(4, KETTLE, POST)]
    put(world, reports)
    link_incidents(settings, world)
    put_override(world, reports[0], reports[1], is_together=False)
    put_override(world, reports[1], reports[2], is_together=True)
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 4}), frozenset({2, 3})}
    with world.begin() as connection:
        connection.execute(sa.text("delete from linkage.incident_overrides"))
    link_incidents(settings, world)
    assert incidents(world) == {frozenset({1, 2, 4}), frozenset({3})}


def _times(engine: sa.Engine) -> dict[object, object]:
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select report_id, changed_at from linkage.report_incidents")).all()
    return {row[0]: row[1] for row in rows}


def _log(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(
            connection.execute(sa.text("select kind from linkage.incident_changes order by change_id")).scalars()
        )

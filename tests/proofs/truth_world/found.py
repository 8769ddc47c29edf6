"""What a warehouse found: incidents, persons, forces and pairs, read from its tables by the row that was delivered."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import sqlalchemy as sa

from proofs.truth_world.deliveries import Row

type MentionKey = tuple[Row, str]
"""A row and the role of the person in it."""

REPORTS = """
    select
        reports.report_id, reports.feed, deliveries.file_name, reports.row_number, reports.incident_id,
        reports.victim_person_id
    from marts.fct_reports as reports
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
"""
INCIDENTS = "select incident_id, force_code from marts.fct_incidents where force_code is not null"
WITH_RUNNER_UP = "select distinct incident_id from marts.fct_allocations where runner_up is not null"
REPORT_PAIRS = "select report_a, report_b, reason, state from linkage.report_pairs"
MENTIONS = """
    select
        mentions.mention_id, mentions.feed, deliveries.file_name, mentions.row_number, mentions.role, persons.person_id
    from intermediate.int_person_mentions as mentions
    inner join ledger.deliveries as deliveries on mentions.delivery_id = deliveries.delivery_id
    left join linkage.mention_persons as persons on mentions.mention_id = persons.mention_id
"""
IN_REVIEW = "select mention_a, mention_b from linkage.person_pairs where state = 'review'"


@dataclass(frozen=True)
class Found:
    """By row its incident, by row and role the person; by incident its force, and whether a runner-up was told."""

    incidents: Mapping[Row, str]
    people: Mapping[MentionKey, str]
    forces: Mapping[str, str]
    with_runner_up: AbstractSet[str]
    text_pairs: Sequence[tuple[Row, Row]] = ()
    """Pairs of reports that their texts joined."""
    suggestions: Sequence[tuple[Row, Row]] = ()
    """Pairs of reports of different incidents that a person is asked about."""
    person_suggestions: Sequence[tuple[MentionKey, MentionKey]] = ()


def read_found(engine: sa.Engine) -> Found:
    """After a build."""
    with engine.connect() as connection:
        reports = connection.execute(sa.text(REPORTS)).all()
        incidents = connection.execute(sa.text(INCIDENTS)).all()
        with_runner_up = connection.execute(sa.text(WITH_RUNNER_UP)).all()
        pairs = connection.execute(sa.text(REPORT_PAIRS)).all()
        mentions = connection.execute(sa.text(MENTIONS)).all()
        in_review = connection.execute(sa.text(IN_REVIEW)).all()
    rows = {one.report_id: (one.feed, one.file_name, one.row_number) for one in reports}
    incident_of = {rows[one.report_id]: str(one.incident_id) for one in reports}
    keys = {one.mention_id: ((one.feed, one.file_name, one.row_number), one.role) for one in mentions}
    # A victim who filled in the reporter's part alone is known from the report, not from a mention as victim.
    people = {(rows[one.report_id], "victim"): str(one.victim_person_id) for one in reports if one.victim_person_id}
    people |= {keys[one.mention_id]: str(one.person_id) for one in mentions if one.person_id}
    by_row = [(rows[one.report_a], rows[one.report_b], one.reason, one.state) for one in pairs]
    return Found(
        incidents=incident_of,
        people=people,
        forces={str(one.incident_id): one.force_code for one in incidents},
        with_runner_up={str(one.incident_id) for one in with_runner_up},
        text_pairs=[(a, b) for a, b, reason, state in by_row if state == "confirmed" and reason == "text"],
        suggestions=[(a, b) for a, b, _, state in by_row if state == "suggested" and incident_of[a] != incident_of[b]],
        person_suggestions=[(keys[one.mention_a], keys[one.mention_b]) for one in in_review],
    )

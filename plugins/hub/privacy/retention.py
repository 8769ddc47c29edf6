"""Whose data is to be looked at again, and what reviews have decided."""

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from hub.privacy.vault_erasure import PERSONS_UNDER_HOLD
from hub.vault.tables import RETENTION_REVIEWS

_IS_BUILT = """
    select num_nulls(
        to_regclass('reference.retention_rules'), to_regclass('marts.fct_reports'), to_regclass('marts.fct_incidents')
    ) = 0
"""
_DUE = f"""
    with rules as (
        select * from reference.retention_rules
        where valid_from <= :today and coalesce(valid_to, :today) >= :today
    ),
    -- Who was named in which report, when last, and as whose incident's victim or reporter.
    named as (
        select
            persons.person_id,
            max(coalesce(reports.reported_at, deliveries.received_at))::date as last_named_on,
            coalesce(min(rules.retention_group), 4) as retention_group
        from linkage.mention_persons as persons
        inner join linkage.mention_identities as seen on persons.mention_id = seen.mention_id
        inner join ledger.deliveries as deliveries on seen.delivery_id = deliveries.delivery_id
        left join marts.fct_reports as reports on seen.record_id = reports.report_id
        left join marts.fct_incidents as incidents on reports.incident_id = incidents.incident_id
        left join rules on incidents.incident_class = rules.incident_class
        group by persons.person_id
    ),
    timed as (
        select
            named.*,
            coalesce(
                (
                    select max(reviews.next_review_on) from vault.retention_reviews as reviews
                    where reviews.person_id = named.person_id
                ),
                named.last_named_on
                + make_interval(years => (
                    select min(rules.clear_years) from rules where rules.retention_group = named.retention_group
                ))
            )::date as due_on
        from named
    )
    select person_id, retention_group, last_named_on, due_on
    from timed
    where due_on <= :today
        and person_id not in (select held.person_id from ({PERSONS_UNDER_HOLD}) as held)
    order by due_on, person_id
    limit :limit
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class DueReview:
    """A person whose data is to be looked at again, and no value of the person."""

    person_id: uuid.UUID
    retention_group: int
    last_named_on: date
    due_on: date


def due_reviews(connection: sa.Connection, today: date, *, limit: int) -> list[DueReview]:
    """Persons whose review is due, the longest overdue first; nobody under a legal hold, and nobody before
    the first build."""
    if not connection.execute(sa.text(_IS_BUILT)).scalar():
        return []
    rows = connection.execute(sa.text(_DUE), {"today": today, "limit": limit})
    return [DueReview(row.person_id, row.retention_group, row.last_named_on, row.due_on) for row in rows]


def note_kept(connection: sa.Connection, review: DueReview, today: date, *, because: str, decided_by: str) -> date:
    """Write down that a person's data is kept, and why; returns the day of the next review."""
    years: int = connection.execute(
        sa.text(
            "select min(review_again_years) from reference.retention_rules where retention_group = :retention_group"
            " and valid_from <= :today and coalesce(valid_to, :today) >= :today"
        ),
        {"retention_group": review.retention_group, "today": today},
    ).scalar_one()
    query = sa.text("select cast(:today + make_interval(years => :years) as date)")
    again: date = connection.execute(query, {"today": today, "years": years}).scalar_one()
    _note(connection, review, "keep", because, decided_by, again)
    return again


def note_erased(connection: sa.Connection, review: DueReview, *, because: str, decided_by: str) -> None:
    """Write down that a review ended in erasure."""
    _note(connection, review, "erase", because, decided_by, None)


def _note(
    connection: sa.Connection, review: DueReview, decision: str, because: str, decided_by: str, again: date | None
) -> None:
    values = {
        "person_id": review.person_id,
        "decision": decision,
        "because": because,
        "decided_by": decided_by,
        "retention_group": review.retention_group,
        "next_review_on": again,
    }
    connection.execute(sa.insert(RETENTION_REVIEWS).values(values))

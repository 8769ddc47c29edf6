"""What the page reads of single rows in quarantine: rule, reason, place and the form of values, never a value."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields

import sqlalchemy as sa

from hub.page.queries import window
from hub.page.values import QuarantinedRow, Waiting

WAITING = [one.name for one in fields(Waiting)]
ROWS = """
    select rows.quarantine_id, row_number, line_number, column_name, rule, because, state, decided_at, decided_by,
           masked_rows.masked_values
    from (
        select * from quarantine.rows
        where delivery_id = :delivery_id and (cast(:state as text) is null or state = :state)
          and (cast(:rule as text) is null or rule = :rule)
        order by row_number
        limit :limit offset :offset
    ) as rows
    left join quarantine.masked_rows on rows.quarantine_id = masked_rows.quarantine_id
    order by row_number
"""
ROW = """
    select rows.quarantine_id, row_number, line_number, column_name, rule, because, state, decided_at, decided_by,
           masked_rows.masked_values
    from quarantine.rows
    left join quarantine.masked_rows on rows.quarantine_id = masked_rows.quarantine_id
    where rows.quarantine_id = :quarantine_id and delivery_id = :delivery_id
"""
STILL_OPEN = """
    select quarantine_id from quarantine.rows
    where delivery_id = :delivery_id and state = 'open' and quarantine_id = any(:wanted)
      and quarantine_id <> all(:asked)
    order by row_number
"""
OPEN_BY_RULE = """
    select quarantine_id from quarantine.rows
    where delivery_id = :delivery_id and state = 'open' and rule = :rule
      and quarantine_id <> all(:asked)
    order by row_number
    limit :limit
"""
ASKED = """
    select distinct on (quarantine_id) quarantine_id #>> '{}' as quarantine_id, asked.dag_id, asked.run_id,
           asked.asked_by, asked.asked_at
    from ledger.alerts
    inner join ledger.questions as asked on alerts.cause = 'approval:' || asked.question_id
    cross join lateral jsonb_path_query(asked.about, '$.quarantine_ids[*] ? (@ != null)') as ids (quarantine_id)
    where alerts.kind = 'approval' and alerts.closed_at is null
    order by quarantine_id, asked.asked_at
"""


def quarantined_rows(
    connection: sa.Connection, delivery_id: uuid.UUID, rule: str | None, state: str | None, page: int
) -> list[QuarantinedRow]:
    """A page of a delivery's rows in quarantine by row number, and one more where there are more."""
    given = {"delivery_id": delivery_id, "rule": rule, "state": state, **window(page)}
    return [QuarantinedRow(**row) for row in connection.execute(sa.text(ROWS), given).mappings()]


def quarantined_row(connection: sa.Connection, delivery_id: uuid.UUID, quarantine_id: uuid.UUID) -> QuarantinedRow:
    """One row of a delivery. Raises LookupError where there is none."""
    given = {"delivery_id": delivery_id, "quarantine_id": quarantine_id}
    for row in connection.execute(sa.text(ROW), given).mappings():
        return QuarantinedRow(**row)
    raise LookupError(f"the quarantine has no row {quarantine_id} of delivery {delivery_id}")


def asked_about(connection: sa.Connection) -> Mapping[uuid.UUID, Waiting]:
    """The rows of all deliveries about which a second person is asked, and the first question about each."""
    found = connection.execute(sa.text(ASKED)).mappings()
    return {uuid.UUID(one["quarantine_id"]): Waiting(**{name: one[name] for name in WAITING}) for one in found}


def still_open(connection: sa.Connection, delivery_id: uuid.UUID, wanted: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Those of these rows that are the delivery's and open, and about which nobody is asked yet."""
    given = {"delivery_id": delivery_id, "wanted": list(wanted), "asked": list(asked_about(connection))}
    return list(connection.scalars(sa.text(STILL_OPEN), given))


def open_by_rule(connection: sa.Connection, delivery_id: uuid.UUID, rule: str, limit: int) -> list[uuid.UUID]:
    """The first rows of a delivery that are open and broke a rule first, and about which nobody is asked yet, in the
    order of the file."""
    given = {"delivery_id": delivery_id, "rule": rule, "limit": limit, "asked": list(asked_about(connection))}
    return list(connection.scalars(sa.text(OPEN_BY_RULE), given))

"""Consent as it holds at this moment: whether a report is still what the newest build has of it, and what it agrees to.

The order in which versions of a report follow each other is dbt's alone. So nothing is ordered here: a report whose
delivery has gone, or of which a delivery that the build has not seen states another text, counts as changed. So does
one whose record is not found since the key of records has moved (the next build starts from nothing), and one of which
a row is in quarantine that came no earlier: nobody knows what it says before it is decided.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hub.contracts.model import Contract
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.record_keys import key_hash
from hub.warehouse.tables import raw_table

ANONYMOUS = "is_anonymous"
"""The column by which a portal's report says that its reporter asked to stay anonymous."""

# Deliveries that the newest build has not seen as they are: `is_whole` where they were loaded since, for the first time
# or after a withdrawal, or have come again (to the table of deliveries, which a build fills as it begins, or to what it
# wrote down as it ended), and not where rows of them were released since.
_UNSEEN = sa.text("""
    select unseen.delivery_id, unseen.is_whole
    from (
        select
            deliveries.delivery_id,
            built.delivery_id is null
            or built.loaded_at is distinct from deliveries.loaded_at
            or built.delivery_order is distinct from seen.delivery_order
            or exists (
                select from ledger.deliveries as again
                where
                    again.duplicate_of = deliveries.delivery_id
                    and again.status = 'duplicate'
                    and again.delivery_id not in (select known.delivery_id from staging.stg_ledger__deliveries as known)
            ) as is_whole,
            (deliveries.rows_accepted, deliveries.rows_duplicate)
            is distinct from (built.rows_accepted, built.rows_duplicate) as is_grown
        from ledger.deliveries as deliveries
        left join ledger.built_deliveries as built on deliveries.delivery_id = built.delivery_id
        left join staging.stg_ledger__deliveries as seen on deliveries.delivery_id = seen.delivery_id
        where deliveries.feed = :feed and deliveries.status = 'loaded'
    ) as unseen
    where unseen.is_whole or unseen.is_grown
""")
_AS_BUILT = """
    select
        reports.report_id, reports.delivery_id, reports.row_number, reports.reporter_is_victim,
        reports.reporter_email_token is not null as has_reporter_email,
        {is_anonymous} as is_anonymous,
        reports.{consent} as is_consented,
        array[{key}] as record_key,
        seen.delivery_order
    from {staging} as reports
    inner join {raw} as own on reports.record_hash = own._record_hash
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
    inner join unnest(cast(:report_ids as uuid[]), cast(:sha256 as text[]), cast(:row_numbers as bigint[]))
        as sent (report_id, sha256, row_number)
        on reports.report_id = sent.report_id and reports.row_number = sent.row_number
        and deliveries.sha256 = sent.sha256
    left join staging.stg_ledger__deliveries as seen on reports.delivery_id = seen.delivery_id
    where
        deliveries.status = 'loaded'
        and not exists (
            select from {raw} as stated
            inner join ledger.deliveries as brought on stated._delivery_id = brought.delivery_id
            where
                {is_same_report}
                and stated._record_hash <> own._record_hash
                and (
                    stated._delivery_id = any(:whole)
                    or (stated._delivery_id = any(:grown) and stated._loaded_at > brought.loaded_at)
                    or stated._record_hash in (
                        select restated.record_hash from ledger.restated_records as restated
                        where restated.delivery_id = any(:whole) or restated.delivery_id = any(:grown)
                    )
                )
        )
"""

_EVERY_PLACE = """
    select
        reports.report_id, stated._delivery_id as delivery_id, stated._row_number as row_number,
        own._record_hash is null as is_lost
    from {staging} as reports
    left join {raw} as own on reports.record_hash = own._record_hash
    left join {raw} as stated on {is_same_report}
    where reports.report_id = any(:report_ids)
"""

# Rows that wait in quarantine, of one of these records, and came no earlier than what the build has of it.
_WAITING = sa.text("""
    select true
    from quarantine.waiting_records as waiting
    inner join ledger.deliveries as deliveries on waiting.delivery_id = deliveries.delivery_id
    inner join jsonb_to_recordset(:built) as built (key_hash uuid, delivery_order bigint[])
        on waiting.key_hash = built.key_hash
    left join staging.stg_ledger__deliveries as seen on waiting.delivery_id = seen.delivery_id
    where
        waiting.feed = :feed
        and deliveries.status = 'loaded'
        and (seen.delivery_order >= built.delivery_order) is not false
    limit 1
""").bindparams(sa.bindparam("built", type_=JSONB))


class ReportChanged(Exception):
    """A report is, or may be, no longer what a publish rests on."""


@dataclass(frozen=True)
class Stated:
    """A report as a publish names it: by the hash of its file and the row."""

    report_id: uuid.UUID
    delivery_sha256: str
    row_number: int


@dataclass(frozen=True)
class Current:
    """A report that is still as published: where its record is, whether its reporter is the victim (None: it does not
    say), whether it gave a reporter's e-mail address, erased or not, whether its reporter asked to stay anonymous, and
    whether it agrees."""

    report_id: uuid.UUID
    delivery_id: uuid.UUID
    row_number: int
    is_reporter_victim: bool | None
    has_reporter_email: bool
    is_reporter_anonymous: bool
    is_consented: bool


def asks_for(contract: Contract, consent: str) -> bool:
    """Whether a feed has personal columns, and this column by which a report agrees to something."""
    return bool(contract.personal_columns) and consent in {column.name for column in contract.columns}


def current_reports(
    settings: Settings, connection: sa.Connection, contract: Contract, reports: Collection[Stated], consent: str
) -> list[Current]:
    """These reports of a feed that :func:`asks_for` the consent, in no order. Raises :class:`ReportChanged` where one
    of them may have come to say something else, and :class:`~hub.vault.hub_keys.KeyProblem`."""
    unseen = connection.execute(_UNSEEN, {"feed": contract.feed}).all()
    values: Mapping[str, Any] = {
        "report_ids": [one.report_id for one in reports],
        "sha256": [one.delivery_sha256 for one in reports],
        "row_numbers": [one.row_number for one in reports],
        "whole": [row.delivery_id for row in unseen if row.is_whole],
        "grown": [row.delivery_id for row in unseen if not row.is_whole],
    }
    rows = connection.execute(_query(connection, contract, _AS_BUILT, consent=consent), values).all()
    if len(rows) != len(reports):
        raise ReportChanged
    if connection.execute(_WAITING, {"feed": contract.feed, "built": _keys_of(settings, rows)}).scalar():
        raise ReportChanged
    return [
        Current(
            row.report_id,
            row.delivery_id,
            row.row_number,
            row.reporter_is_victim,
            row.has_reporter_email,
            row.is_anonymous,
            row.is_consented is True,
        )
        for row in rows
    ]


def every_place_of(
    connection: sa.Connection, contract: Contract, report_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[uuid.UUID, int]]]:
    """Where everything that was ever stated of these reports of a feed is in the vault, built or not; reports that the
    newest build does not have are left out. Raises :class:`ReportChanged` where it cannot be told of one, as when its
    delivery was withdrawn."""
    query = _query(connection, contract, _EVERY_PLACE)
    rows = connection.execute(query, {"report_ids": list(report_ids)}).all()
    if any(row.is_lost for row in rows):
        raise ReportChanged
    places: dict[uuid.UUID, list[tuple[uuid.UUID, int]]] = {}
    for row in rows:
        places.setdefault(row.report_id, []).append((row.delivery_id, row.row_number))
    return places


def _keys_of(settings: Settings, rows: Iterable[sa.Row[Any]]) -> list[dict[str, object]]:
    """By what quarantined rows of these records are known, under every version of the key of records: to which of them
    the feed stands can change while this is asked."""
    ring = read_ring(settings, Purpose.RECORD)
    chains = [ring.up_to(version).chain for version, _ in ring.versions]
    keys = [(key_hash(row.record_key, chain), row.delivery_order) for row in rows for chain in chains]
    return [{"key_hash": str(key), "delivery_order": order} for key, order in keys if key is not None]


def _query(connection: sa.Connection, contract: Contract, text: str, **names: str) -> sa.TextClause:
    quote = connection.dialect.identifier_preparer.quote
    key = [quote(column.raw_name) for column in contract.key_columns] or ["_record_hash"]
    may_be_anonymous = ANONYMOUS in {column.name for column in contract.columns}
    return sa.text(
        text.format(
            staging=f"staging.{quote(f'stg_{contract.feed}')}",
            raw=connection.dialect.identifier_preparer.format_table(raw_table(contract)),
            is_anonymous=f"reports.{ANONYMOUS} is true" if may_be_anonymous else "false",
            key=", ".join(f"own.{name}" for name in key) if contract.key_columns else "null",
            is_same_report=" and ".join(f"own.{name} = stated.{name}" for name in key),
            **{name: quote(value) for name, value in names.items()},
        )
    )

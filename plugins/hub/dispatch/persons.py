"""Persons in packages: whom one names is read from the vault as it is handed over, and kept nowhere.

A package names persons where its recipient's contract takes them (which has it encrypted), to the force that is
responsible, where what is published says that all who gave their details agreed, and where each report is still what
the publish rests on: the newest build has no later statement of it, and no delivery has brought one since.
"""

import json
import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Catalogue, Contract, read_catalogue
from hub.dispatch.ledger import Dispatch
from hub.dispatch.offered import is_published
from hub.dispatch.package import NO_CONSENT, NOT_READABLE, REPORT_CHANGED, SCHEMA_ID, valid_text
from hub.dispatch.recipients import Recipient
from hub.dispatch.tables import NAMED_PERSONS
from hub.settings import Settings
from hub.vault.hub_keys import KeyProblem
from hub.vault.people import ROLES
from hub.vault.reading import VaultDamaged, VaultReader, read_records
from hub.vault.tables import vault_table
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import raw_table

log = logging.getLogger(__name__)

DUTY = "owner"
CONSENT = "consent_share_police"
"""The column of a feed by which a report says whether its details may go to the police."""
FIELDS = ("name", "date_of_birth", "postcode", "email", "phone")

_IS_SHAREABLE = sa.text(
    "select is_personal_data_shareable from publish.allocations_v1 where allocation_id = :allocation_id"
)
# Deliveries that the newest build has not seen as they are: loaded or grown since, or come again.
_UNSEEN = sa.text("""
    select deliveries.delivery_id
    from ledger.deliveries as deliveries
    left join ledger.built_deliveries as built on deliveries.delivery_id = built.delivery_id
    where
        deliveries.feed = :feed
        and deliveries.status = 'loaded'
        and (deliveries.rows_accepted, deliveries.rows_duplicate)
        is distinct from (built.rows_accepted, built.rows_duplicate)
    union
    select again.duplicate_of
    from ledger.deliveries as again
    where
        again.feed = :feed
        and again.status = 'duplicate'
        and again.received_at >= coalesce(
            (select max(started_at) from ledger.builds where status = 'succeeded' and selection is null), '-infinity'
        )
""")
_AS_BUILT = """
    select reports.report_id, reports.delivery_id, reports.row_number, reports.consent_share_police as is_consented
    from {staging} as reports
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
    inner join unnest(cast(:report_ids as uuid[]), cast(:sha256 as text[]), cast(:row_numbers as bigint[]))
        as sent (report_id, sha256, row_number)
        on reports.report_id = sent.report_id and reports.row_number = sent.row_number
        and deliveries.sha256 = sent.sha256
    where
        deliveries.status = 'loaded'
        and not exists (
            select from {raw} as own
            inner join {raw} as stated on {is_same_report}
            where
                own._record_hash = reports.record_hash
                and (
                    stated._delivery_id = any(:unseen)
                    or stated._record_hash in (
                        select restated.record_hash from ledger.restated_records as restated
                        where restated.delivery_id = any(:unseen)
                    )
                )
        )
"""


class ReportChanged(Exception):
    """A report of a package is no longer what the publish rests on."""


@dataclass(frozen=True)
class Named:
    """A person of a report: what a package says, and where the vault has it."""

    said: Mapping[str, Any]
    delivery_id: uuid.UUID
    row_number: int


def name_persons(settings: Settings, recipient: Recipient, dispatch: Dispatch, text: str, now: datetime) -> str:
    """The package with the persons whom it may name at this moment, or with why it names none. Whom it names is
    written down before this returns."""
    said = json.loads(text)
    if not recipient.takes_persons or said["schema"] != SCHEMA_ID or said["decision"]["duty"] != DUTY:
        return text
    purpose = f"dispatch {dispatch.allocation_ref} to {recipient.code}"
    try:
        with open_warehouse(settings, Role.DISPATCHER).begin() as connection:
            if not _is_shareable(connection, dispatch):
                return valid_text({**said, "persons_left_out": NO_CONSENT})
            named = list(_persons(settings, purpose, said["evidence"]))
            _write_down(connection, dispatch.dispatch_id, named, now)
    except ReportChanged:
        return valid_text({**said, "persons_left_out": REPORT_CHANGED})
    except (KeyProblem, VaultDamaged) as problem:
        # The case itself does not wait for a vault that somebody has to repair.
        log.error("%s names no persons: %s", dispatch.allocation_ref, problem)
        return valid_text({**said, "persons_left_out": NOT_READABLE})
    return valid_text({**said, "persons": [one.said for one in named], "persons_left_out": None})


def _is_shareable(connection: sa.Connection, dispatch: Dispatch) -> bool:
    """Whether all who gave details in the incident's reports agreed, as published."""
    if not is_published(connection):
        return False
    return connection.execute(_IS_SHAREABLE, {"allocation_id": dispatch.allocation_id}).scalar() is True


def _persons(settings: Settings, purpose: str, evidence: Iterable[Mapping[str, Any]]) -> Iterator[Named]:
    """Those in reports that agree, report by report. Raises :class:`ReportChanged` where one of any report may have
    come to say something else."""
    catalogue, by_feed = read_catalogue(settings.expectations), defaultdict(list)
    for report in evidence:
        by_feed[report["feed"]].append(report)
    with open_warehouse(settings, Role.DISCLOSER).connect() as connection:
        places = {feed: _as_built(connection, catalogue, feed, reports) for feed, reports in by_feed.items()}
        for feed, report_ids in places.items():
            if report_ids:
                reader = VaultReader(settings, purpose)
                yield from _of_feed(connection, reader, catalogue.contracts[feed], report_ids)


def _as_built(
    connection: sa.Connection, catalogue: Catalogue, feed: str, reports: list[Mapping[str, Any]]
) -> dict[tuple[uuid.UUID, int], str]:
    """The places of those reports that agree, each with the report's id; none of a feed that asks for no consent."""
    contract = catalogue.contracts.get(feed)
    if contract is None:
        raise ReportChanged
    if vault_table(contract) is None or CONSENT not in {column.name for column in contract.columns}:
        return {}
    unseen: list[uuid.UUID] = list(connection.execute(_UNSEEN, {"feed": feed}).scalars())
    values = {
        "report_ids": [one["report_id"] for one in reports],
        "sha256": [one["delivery_sha256"] for one in reports],
        "row_numbers": [one["row_number"] for one in reports],
        "unseen": unseen,
    }
    rows = connection.execute(_query(connection, contract), values).all()
    if len(rows) != len(reports):
        raise ReportChanged
    return {(row.delivery_id, row.row_number): str(row.report_id) for row in rows if row.is_consented}


def _query(connection: sa.Connection, contract: Contract) -> sa.TextClause:
    quote = connection.dialect.identifier_preparer.quote
    names = [quote(column.raw_name) for column in contract.key_columns] or ["_record_hash"]
    return sa.text(
        _AS_BUILT.format(
            staging=f"staging.{quote(f'stg_{contract.feed}')}",
            raw=connection.dialect.identifier_preparer.format_table(raw_table(contract)),
            is_same_report=" and ".join(f"own.{name} = stated.{name}" for name in names),
        )
    )


def _of_feed(
    connection: sa.Connection,
    reader: VaultReader,
    contract: Contract,
    report_ids: Mapping[tuple[uuid.UUID, int], str],
) -> Iterator[Named]:
    """What the vault holds of the persons in these reports. One who was erased is not there."""
    vault = vault_table(contract)
    assert vault is not None  # noqa: S101 - only feeds that have one come here
    place = sa.tuple_(vault.c["_delivery_id"], vault.c["_row_number"])
    of = sa.select(vault.c["_delivery_id"], vault.c["_row_number"]).where(place.in_(report_ids))
    for delivery_id, row_number, values in read_records(reader, connection, contract, of=of, subjects=ROLES):
        for role in ROLES:
            fields = {field: values.get(f"{role}_{field}") or None for field in FIELDS}
            if any(fields.values()):
                said = {"report_id": report_ids[delivery_id, row_number], "role": role, **fields}
                yield Named(said, delivery_id, row_number)


def _write_down(connection: sa.Connection, dispatch_id: uuid.UUID, named: Iterable[Named], now: datetime) -> None:
    rows = [
        {
            "dispatch_id": dispatch_id,
            "report_id": one.said["report_id"],
            "role": one.said["role"],
            "delivery_id": one.delivery_id,
            "row_number": one.row_number,
            "named_at": now,
        }
        for one in named
    ]
    if rows:
        connection.execute(insert(NAMED_PERSONS).values(rows).on_conflict_do_nothing())

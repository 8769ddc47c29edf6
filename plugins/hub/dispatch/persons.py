"""Persons in packages: whom one names is read from the vault as it is handed over, and kept nowhere.

A package names persons where its recipient's contract takes them (which has it encrypted), to the force that is
responsible, where what is published says that all who gave their details agreed, and where each report is still what
the publish rests on: the newest build has no later statement of it, no delivery has brought one since, and none waits
in quarantine.
"""

import json
import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Contract, read_catalogue
from hub.dispatch.ledger import Dispatch
from hub.dispatch.offered import is_published
from hub.dispatch.package import NO_CONSENT, NOT_READABLE, REPORT_CHANGED, WITH_PERSONS, valid_text
from hub.dispatch.recipients import Recipient
from hub.dispatch.tables import NAMED_PERSONS
from hub.settings import Settings
from hub.vault.consents import Current, ReportChanged, Stated, asks_for, current_reports
from hub.vault.hub_keys import KeyProblem
from hub.vault.people import ROLES
from hub.vault.reading import VaultDamaged, VaultReader, read_records
from hub.vault.tables import vault_table
from hub.warehouse.columns import is_one_row_of
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

log = logging.getLogger(__name__)

DUTY = "owner"
CONSENT = "consent_share_police"
"""The column of a feed by which a report says whether its details may go to the police."""
FIELDS = ("name", "date_of_birth", "postcode", "email", "phone")

_IS_SHAREABLE = sa.text(
    "select is_personal_data_shareable from publish.allocations_v1 where allocation_id = :allocation_id"
)

_GAVE_DETAILS = sa.text("""
    select
        bool_or(deliveries.delivery_id is null) as is_gone,
        bool_or(exists (
            select from vault.subject_keys as keys
            where
                keys.delivery_id = deliveries.delivery_id
                and keys.row_number = sent.row_number
                and keys.subject = any(:roles)
        )) as gave_details
    from unnest(cast(:sha256 as text[]), cast(:row_numbers as bigint[])) as sent (sha256, row_number)
    left join ledger.deliveries as deliveries on sent.sha256 = deliveries.sha256 and deliveries.status = 'loaded'
""")


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
    is_due = dispatch.target_kind == "force" and said["decision"]["duty"] == DUTY
    if not recipient.takes_persons or said["schema"] not in WITH_PERSONS or not is_due:
        return text
    purpose = f"dispatch {dispatch.allocation_ref} to {recipient.code}"
    try:
        with open_warehouse(settings, Role.DISPATCHER).begin() as connection:
            if not _is_shareable(connection, dispatch):
                return valid_text({**said, "persons_left_out": _why_nobody(settings, said["evidence"])})
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


def _why_nobody(settings: Settings, evidence: Sequence[Mapping[str, Any]]) -> str | None:
    """Why nobody is named where not all have agreed; None where nobody has given any detail."""
    values = {
        "roles": list(ROLES),
        "sha256": [one["delivery_sha256"] for one in evidence],
        "row_numbers": [one["row_number"] for one in evidence],
    }
    with open_warehouse(settings, Role.DISCLOSER).connect() as connection:
        found = connection.execute(_GAVE_DETAILS, values).one()
    if found.is_gone:
        return REPORT_CHANGED
    return NO_CONSENT if found.gave_details else None


def _persons(settings: Settings, purpose: str, evidence: Iterable[Mapping[str, Any]]) -> Iterator[Named]:
    """Those in reports that agree, report by report. Raises :class:`ReportChanged` where one of any report may have
    come to say something else."""
    contracts, by_feed = read_catalogue(settings.expectations).contracts, defaultdict(list)
    for report in evidence:
        by_feed[report["feed"]].append(report)
    if by_feed.keys() - contracts.keys():
        raise ReportChanged
    with open_warehouse(settings, Role.DISCLOSER).connect() as connection:
        agreeing = {
            feed: _agreeing(settings, connection, contracts[feed], reports) for feed, reports in by_feed.items()
        }
        for feed, reports_at in agreeing.items():
            if reports_at:
                yield from _of_feed(connection, VaultReader(settings, purpose), contracts[feed], reports_at)


def _agreeing(
    settings: Settings, connection: sa.Connection, contract: Contract, reports: list[Mapping[str, Any]]
) -> dict[tuple[uuid.UUID, int], Current]:
    """Those reports that agree, by their places; none of a feed that asks for no consent."""
    if not asks_for(contract, CONSENT):
        return {}
    stated = [Stated(one["report_id"], one["delivery_sha256"], one["row_number"]) for one in reports]
    found = current_reports(settings, connection, contract, stated, CONSENT)
    return {(one.delivery_id, one.row_number): one for one in found if one.is_consented}


def _of_feed(
    connection: sa.Connection,
    reader: VaultReader,
    contract: Contract,
    reports: Mapping[tuple[uuid.UUID, int], Current],
) -> Iterator[Named]:
    """What the vault holds of the persons in these reports. One who was erased is not there, and of a reporter who
    asked to stay anonymous nothing is passed on, though somebody has let the row in."""
    vault = vault_table(contract)
    assert vault is not None  # noqa: S101 - only feeds that have one come here
    place = (vault.c["_delivery_id"], vault.c["_row_number"])
    of = sa.select(*place).where(is_one_row_of(place, reports))
    for delivery_id, row_number, values in read_records(reader, connection, contract, of=of, subjects=ROLES):
        report = reports[delivery_id, row_number]
        for role in ROLES:
            fields = {field: values.get(f"{role}_{field}") or None for field in FIELDS}
            if any(fields.values()) and not (role == "reporter" and report.is_reporter_anonymous):
                said = {"report_id": str(report.report_id), "role": role, **fields}
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

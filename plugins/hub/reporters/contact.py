"""To whom a message may go, at the moment when it is sent: consent and address, read through the vault's logged door.

It goes to the person who gave the report, at the address in it. The outcome of a case is told to its victim
alone: to the reporter only where the report says that the two are one, and else to the victim's own address.
"""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from hub.contracts.model import Contract, read_catalogue
from hub.reporters.due import places
from hub.reporters.words import Kind
from hub.settings import Settings
from hub.vault.consents import Current, ReportChanged, Stated, asks_for, current_reports, every_place_of
from hub.vault.people import ROLES
from hub.vault.reading import VaultReader, read_records
from hub.vault.tables import vault_table
from hub.warehouse.columns import is_one_row_of
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

CONSENT = "consent_contact"
"""The column of a feed by which a report says whether the hub may answer."""
OF_THE_VICTIM_ALONE = frozenset({Kind.OUTCOME})


WHAT_ENDS_IT = "restore its delivery, or end its mark with `hub updates resume`"


class NotNow(Exception):
    """It cannot be said just now whether the message may go; why."""


class Never(Exception):
    """The message goes to nobody; why."""


@dataclass(frozen=True)
class Address:
    """An e-mail address, and whose it is by the report."""

    email: str
    role: str


def feeds_that_ask(settings: Settings) -> list[str]:
    """The feeds whose reports say whether they may be answered."""
    contracts = read_catalogue(settings.expectations).contracts
    return sorted(feed for feed, contract in contracts.items() if asks_for(contract, CONSENT))


def address_of(settings: Settings, publishing: sa.Connection, report_id: uuid.UUID, kind: Kind, who: str) -> Address:
    """Where a message goes. ``publishing`` sees what is published. Raises :class:`NotNow` and :class:`Never`."""
    known = places(publishing, [report_id])
    if report_id not in known:
        raise NotNow("the newest publish has no such report")
    contracts = read_catalogue(settings.expectations).contracts
    contract = contracts.get(known[report_id].feed)
    if contract is None or not asks_for(contract, CONSENT):
        raise NotNow("its feed has no contract that asks for consent")
    with open_warehouse(settings, Role.DISCLOSER).connect() as connection:
        report = _current(settings, connection, contract, known[report_id])
        if not report.is_consented:
            raise Never("the report does not agree to it")
        reader = VaultReader(settings, who)
        [values] = _values(connection, reader, contract, [(report.delivery_id, report.row_number)]) or [{}]
    return _address(values, kind, report)


def addresses_of(settings: Settings, report_ids: Collection[uuid.UUID], who: str) -> set[str]:
    """All addresses in these reports, whatever they agree to: to those that must not be contacted nothing goes because
    of another report either. Raises :class:`NotNow` where not all of them can be told."""
    found, known, contracts = set[str](), set[uuid.UUID](), read_catalogue(settings.expectations).contracts
    feeds = feeds_that_ask(settings)
    with open_warehouse(settings, Role.DISCLOSER).connect() as connection:
        for feed in feeds:
            try:
                places_of = every_place_of(connection, contracts[feed], report_ids)
            except ReportChanged:
                raise NotNow("the next build has to say first who must not be contacted") from None
            known |= places_of.keys()
            rows = [place for own in places_of.values() for place in own]
            for values in _values(connection, VaultReader(settings, who), contracts[feed], rows):
                found |= {same(values[f"{role}_email"]) for role in ROLES if values.get(f"{role}_email")}
    _refuse_unknown(settings, feeds, set(report_ids) - known)
    return found


def _refuse_unknown(settings: Settings, feeds: Collection[str], report_ids: Collection[uuid.UUID]) -> None:
    """A report whose delivery was withdrawn has taken its addresses along; one of a feed that asks nobody has none."""
    if report_ids:
        with open_warehouse(settings, Role.DISPATCHER).connect() as publishing:
            without = {one for one, row in places(publishing, list(report_ids)).items() if row.feed not in feeds}
        for one in sorted(set(report_ids) - without):
            raise NotNow(f"report {one}, of which nobody may be contacted, is in no delivery any more: {WHAT_ENDS_IT}")


def same(email: str) -> str:
    """What two ways to write one address have in common."""
    try:
        return validate_email(email, check_deliverability=False).normalized.casefold()
    except EmailNotValidError:
        return email.strip().casefold()


def _current(settings: Settings, connection: sa.Connection, contract: Contract, place: sa.Row[Any]) -> Current:
    try:
        [found] = current_reports(
            settings, connection, contract, [Stated(place.report_id, place.delivery_sha256, place.row_number)], CONSENT
        )
    except ReportChanged:
        raise NotNow("the report has changed since the newest publish, or a row of it waits in quarantine") from None
    return found


def _values(
    connection: sa.Connection, reader: VaultReader, contract: Contract, rows: list[tuple[uuid.UUID, int]]
) -> list[dict[str, str]]:
    vault = vault_table(contract)
    if vault is None or not rows:
        return []
    place = (vault.c["_delivery_id"], vault.c["_row_number"])
    of = sa.select(*place).where(is_one_row_of(place, rows))
    records: Iterator[tuple[uuid.UUID, int, dict[str, str]]] = read_records(
        reader, connection, contract, of=of, subjects=ROLES
    )
    return [values for _, _, values in records]


def _address(values: dict[str, str], kind: Kind, report: Current) -> Address:
    """A message for a reporter whose address was erased goes to nobody else."""
    is_for_reporter = kind not in OF_THE_VICTIM_ALONE or report.is_reporter_victim is True
    role = "reporter" if is_for_reporter and report.has_reporter_email else "victim"
    if role == "reporter" and report.is_reporter_anonymous:
        raise Never("the reporter asked to stay anonymous")
    email = values.get(f"{role}_email")
    if not email:
        raise Never("the report gives no e-mail address for it")
    try:
        found = validate_email(email, check_deliverability=False).ascii_email
    except EmailNotValidError:
        raise Never("the address in the report is none") from None
    if found is None:
        raise Never("the address has letters that mail servers do not take")
    return Address(found, role)

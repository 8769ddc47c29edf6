"""Reads the texts of reports that name a borough and no victim, and keeps which authorities they name."""

import uuid
from collections.abc import Iterator, Sequence

import pyarrow as pa
import sqlalchemy as sa

from hub.contracts.model import Contract, read_catalogue
from hub.contracts.values import TEXT_SUBJECT
from hub.linkage.places.names import PlaceNames
from hub.linkage.tables import REPORT_TEXT_PLACES
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_records
from hub.warehouse.columns import is_one_of
from hub.warehouse.row_exchange import exchange_rows, uuid_column

REPORTS = sa.table(
    "int_reports__unioned",
    *(sa.column(name, sa.UUID) for name in ("report_id", "delivery_id")),
    *(sa.column(name, sa.Text) for name in ("feed", "is_online", "borough_named")),
    sa.column("row_number", sa.BigInteger),
    *(sa.column(name, sa.Boolean) for name in ("has_victim_details", "reporter_is_victim")),
    schema="intermediate",
)
LISTED = sa.table(
    "int_areas__places",
    sa.column("written_name", sa.Text),
    sa.column("lad_code", sa.Text),
    schema="intermediate",
)
type Position = tuple[uuid.UUID, int]
"""A delivery and the number of a row in it."""


def read_text_places(
    settings: Settings, engine: sa.Engine, *, full: bool = False, deliveries: Sequence[uuid.UUID] | None = None
) -> int:
    """Keep which authorities texts name: of the reports of these ``deliveries``, or (``full``) of all. Returns how many
    rows were written. Idempotent."""
    reader = VaultReader(settings, "places in texts")
    chosen = None if full else deliveries
    with engine.begin() as connection:
        names = _read_names(connection)
        rows = [
            (report_id, code)
            for contract in read_catalogue(settings.expectations).contracts.values()
            for report_id, text in _texts(connection, reader, contract, chosen)
            for code in sorted(names.in_text(text))
        ]
        fresh = pa.table(
            {
                "report_id": uuid_column(report_id for report_id, _ in rows),
                "lad_code": pa.array([code for _, code in rows], pa.string()),
            }
        )
        within = None if chosen is None else (("report_id",), _reports_of(connection, chosen))
        return exchange_rows(connection, REPORT_TEXT_PLACES, fresh, within=within)


def _read_names(connection: sa.Connection) -> PlaceNames:
    """The names of places that are in one authority; postcodes are no names."""
    columns = LISTED.c
    query = sa.select(columns.written_name, columns.lad_code).where(
        columns.lad_code.is_not(None), columns.written_name.regexp_match("^[a-z ]+$")
    )
    authorities: dict[str, set[str]] = {}
    for row in connection.execute(query):
        authorities.setdefault(row.written_name, set()).add(row.lad_code)
    return PlaceNames(authorities)


def _texts(
    connection: sa.Connection, reader: VaultReader, contract: Contract, deliveries: Sequence[uuid.UUID] | None
) -> Iterator[tuple[str, str]]:
    """Report and text of each report of a feed that names a borough and no victim and may be about a post."""
    if TEXT_SUBJECT not in contract.subjects:
        return
    columns = REPORTS.c
    wanted = [
        columns.feed == contract.feed,
        columns.borough_named.is_not(None),
        columns.is_online.is_distinct_from("no"),
        sa.not_(columns.has_victim_details),
        columns.reporter_is_victim.is_not(True),
        *([is_one_of(columns.delivery_id, deliveries)] if deliveries is not None else ()),
    ]
    query = sa.select(columns.delivery_id, columns.row_number, columns.report_id).where(*wanted)
    reports: dict[Position, str] = {(row[0], row[1]): str(row[2]) for row in connection.execute(query)}
    of = sa.select(columns.delivery_id, columns.row_number).where(*wanted)
    for delivery_id, row_number, values in read_records(reader, connection, contract, of=of, subjects={TEXT_SUBJECT}):
        if text := values.get("description"):
            yield reports[delivery_id, row_number], text


def _reports_of(connection: sa.Connection, deliveries: Sequence[uuid.UUID]) -> list[str]:
    query = sa.select(REPORTS.c.report_id).where(is_one_of(REPORTS.c.delivery_id, deliveries))
    return [str(row.report_id) for row in connection.execute(query)]

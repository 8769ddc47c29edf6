"""Cards, notes, packs and sheets about people, and all that a hub holds of each row, as it lies there."""

import csv
import io
import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import Classification, Compression, FileFormat, LogicalType
from hub.ingest.landing_store import open_landed
from hub.privacy.certificate import Certificate
from hub.privacy.erasure import erase_person
from hub.privacy.mask_mentions import decide_mentions
from hub.privacy.text_mentions import read_mentions
from hub.settings import Settings
from hub.warehouse.tables import QUARANTINED_ROWS
from ingest.deliveries import ledger_rows, raw_rows
from ingest.small_feeds import column, feed

P, S = Classification.PERSONAL, Classification.SENSITIVE
COLUMNS = (
    column("ref", required=True),
    column("place"),
    column("victim_name", classification=P),
    column("victim_date_of_birth", classification=P, kind=LogicalType.DATE),
    column("victim_postcode", classification=P),
    column("victim_email", classification=P),
    column("victim_phone", classification=P),
    column("reporter_name", classification=P),
    column("reporter_email", classification=P),
    column("reporter_phone", classification=P),
    column("words", classification=S),
)
NAMES = tuple(one.name for one in COLUMNS)
CARDS = feed(*COLUMNS, name="cards")
NOTES = feed(*COLUMNS, name="notes", form=FileFormat.JSONL)
PACKS = feed(*COLUMNS, name="packs", compression=Compression.ZIP)
PRESSED = feed(*COLUMNS, name="pressed", compression=Compression.GZIP)
SHEETS = feed(*COLUMNS, name="sheets", form=FileFormat.XML, row_path="card")
FEEDS = (CARDS, NOTES, PACKS, PRESSED, SHEETS)
CATALOGUE = Catalogue({one.feed: one for one in FEEDS}, {})
Row = Mapping[str, str]
Held = dict[tuple[str, str, int], list[str]]


def as_csv(rows: Sequence[Row]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(NAMES)
    writer.writerows([row.get(name, "") for name in NAMES] for row in rows)
    return target.getvalue().encode()


def as_json_lines(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps({name: row.get(name) for name in NAMES}) + "\n" for row in rows).encode()


def as_parquet(rows: Sequence[Row], told: Mapping[str, str] | None = None) -> bytes:
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in NAMES})
    target = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(dict(told)) if told else table, target)
    return target.getvalue()


def token_of(engine: sa.Engine, contract: Contract, ref: str, name: str = "victim_email") -> str:
    return next(str(row[f"{name}_token"]) for row in raw_rows(engine, contract) if row["ref"] == ref)


def erase(hub: Settings, engine: sa.Engine, asked_for: str, airflow: sa.Engine | None = None) -> Certificate:
    because = "asked for by the person"
    return erase_person(hub, engine, CATALOGUE, asked_for, because=because, decided_by="a.person", airflow=airflow)[0]


def mask_all(hub: Settings, engine: sa.Engine, certificate: Certificate) -> Certificate:
    """The certificate once somebody has had every listed mention masked."""
    erasure_id = uuid.UUID(certificate.erasure_id)
    with engine.connect() as connection:
        if not read_mentions(connection, erasure_id):
            return certificate
    return decide_mentions(hub, engine, CATALOGUE, erasure_id, leave=[], by="b.person")[0]


def everything_held(engine: sa.Engine) -> Held:
    """Each row of raw, vault and quarantine as the database holds it, encrypted values too, by table and place."""
    places: dict[str, tuple[str, int]] = {}
    held: Held = defaultdict(list)
    with engine.connect() as connection:
        for row in connection.execute(sa.select(QUARANTINED_ROWS)):
            places[str(row.quarantine_id)] = (str(row.delivery_id), row.row_number)
        tables = sa.text(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('raw', 'vault', 'quarantine') and table_type = 'BASE TABLE'"
        )
        for schema, table in connection.execute(tables).all():
            query = sa.text(f'select to_jsonb(one)::text from "{schema}"."{table}" as one')
            texts: sa.ScalarResult[str] = connection.execute(query).scalars()
            for text in texts:
                if place := _place(json.loads(text), places):
                    held[f"{schema}.{table}", *place].append(text)
    return {key: sorted(rows) for key, rows in held.items()}


def _place(row: Mapping[str, object], quarantined: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    delivery = row.get("_delivery_id") or row.get("delivery_id")
    number = row.get("_row_number") or row.get("row_number")
    if delivery and number:
        return str(delivery), int(str(number))
    return quarantined.get(str(row.get("quarantine_id")))


def held_of(engine: sa.Engine, held: Held, contract: Contract, refs: Sequence[str]) -> Held:
    """What is held of the accepted rows with these references."""
    rows = {(str(row["_delivery_id"]), row["_row_number"]) for row in raw_rows(engine, contract) if row["ref"] in refs}
    return {key: value for key, value in held.items() if key[1:] in rows}


def landed_by_name(hub: Settings, engine: sa.Engine) -> dict[str, bytes]:
    """What is kept of each delivered file, by the name that it came under (or has now)."""
    found = {}
    for row in ledger_rows(engine):
        with open_landed(hub, row.landing_path) as landed:
            found[str(row.file_name)] = landed.read()
    return found


def known_to_linkage(engine: sa.Engine, contract: Contract, ref: str, role: str) -> uuid.UUID:
    """Let linkage have found a person of their own behind a subject of a record."""
    place = next((one["_delivery_id"], one["_row_number"]) for one in raw_rows(engine, contract) if one["ref"] == ref)
    one = {"mention": uuid.uuid4(), "feed": contract.feed, "delivery": place[0], "row": place[1], "role": role}
    person = uuid.uuid4()
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into linkage.mention_identities"
                " (mention_id, appearance_id, feed, record_id, role, delivery_id, row_number)"
                " values (:mention, :mention, :feed, :mention, :role, :delivery, :row)"
            ),
            one,
        )
        connection.execute(
            sa.text("insert into linkage.mention_persons (mention_id, person_id) values (:mention, :person)"),
            {"mention": one["mention"], "person": person},
        )
    return person

"""Letters and calls of two people, taken in; what the hub keeps of them, and the erasure of one."""

import gzip
import io
import json
import uuid
import zipfile
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from fpdf import FPDF

from encrypting import vault_rows
from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import Classification, Compression, FileFormat, LogicalType
from hub.ingest.landing_store import landed_names, open_landed
from hub.privacy.certificate import Certificate, Store
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.tables import QUARANTINED_ROWS
from ingest.deliveries import raw_rows
from ingest.small_feeds import column, feed

P, S = Classification.PERSONAL, Classification.SENSITIVE
COLUMNS = (
    column("ref", required=True),
    column("victim_name", classification=P),
    column("victim_date_of_birth", classification=P, kind=LogicalType.DATE, date_format="dd/MM/yyyy"),
    column("victim_phone", classification=P),
    column("reporter_name", classification=P),
    column("reporter_email", classification=P),
    column("reporter_phone", classification=P),
    column("words", classification=S),
    column("day", kind=LogicalType.DATE),
)
NAMES = tuple(one.name for one in COLUMNS)
LETTERS = feed(*COLUMNS, name="letters")
CALLS = feed(*COLUMNS, name="calls", form=FileFormat.JSONL)
PACKS = feed(*COLUMNS, name="packs", compression=Compression.ZIP)
FEEDS = (LETTERS, CALLS, PACKS)
CATALOGUE = Catalogue({one.feed: one for one in FEEDS}, {})
ADA: dict[str, str] = {
    "victim_name": "Ada Quill",
    "victim_date_of_birth": "03/02/1980",
    "reporter_name": "Ada Quill",
    "reporter_email": "ada@example.org",
    "reporter_phone": "07700 900123",
    "words": "nothing",
    "day": "2026-01-02",
}
BO: dict[str, str] = {
    "victim_name": "Bo Nolan",
    "victim_date_of_birth": "04/05/1990",
    "reporter_name": "Bo Nolan",
    "reporter_email": "bo@example.org",
    "reporter_phone": "07700 900456",
    "words": "nothing was known",
    "day": "2026-01-03",
}
Row = Mapping[str, str | None]


def as_csv(*rows: Row) -> bytes:
    lines = [",".join(NAMES), *(",".join(f'"{row.get(name) or ""}"' for name in NAMES) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def as_json_lines(*rows: Row) -> bytes:
    return "".join(json.dumps({name: row.get(name) for name in NAMES}) + "\n" for row in rows).encode()


def as_parquet(*rows: Row) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in NAMES} for row in rows]), target)
    return target.getvalue()


def as_pdf(text: str) -> bytes:
    pages = FPDF()
    pages.add_page()
    pages.set_font("helvetica")
    pages.multi_cell(0, text=text)
    return bytes(pages.output())


def as_zip(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def token_of(engine: sa.Engine, contract: Contract, ref: str, name: str = "reporter_email") -> str:
    return next(str(row[f"{name}_token"]) for row in raw_rows(engine, contract) if row["ref"] == ref)


def erase(hub: Settings, engine: sa.Engine, asked_for: str, airflow: sa.Engine | None = None) -> Certificate:
    because = "asked for by the person"
    return erase_person(hub, engine, CATALOGUE, asked_for, because=because, decided_by="a.person", airflow=airflow)[0]


def store(certificate: Certificate, name: str) -> Store:
    return next(one for one in certificate.stores if one.store == name)


def landed_texts(hub: Settings) -> list[bytes]:
    texts = []
    for name in landed_names(hub):
        with open_landed(hub, name) as landed:
            texts.append(landed.read())
    return texts


def told(hub: Settings, engine: sa.Engine, contract: Contract) -> dict[str, dict[str, object]]:
    """What the vault holds of each row, by its reference."""
    refs = {(row["_delivery_id"], row["_row_number"]): str(row["ref"]) for row in raw_rows(engine, contract)}
    return {
        refs[row["_delivery_id"], row["_row_number"]]: {key: value for key, value in row.items() if key[0] != "_"}
        for row in vault_rows(hub, engine, contract)
    }


def mention(engine: sa.Engine, place: tuple[uuid.UUID, int], role: str, person: uuid.UUID) -> None:
    """Let linkage have found a person behind a subject of a record of letters."""
    one = {"mention": uuid.uuid4(), "delivery": place[0], "row": place[1], "role": role}
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into linkage.mention_identities"
                " (mention_id, appearance_id, feed, record_id, role, delivery_id, row_number)"
                " values (:mention, :mention, 'letters', :mention, :role, :delivery, :row)"
            ),
            one,
        )
        connection.execute(
            sa.text("insert into linkage.mention_persons (mention_id, person_id) values (:mention, :person)"),
            {**one, "person": person},
        )


def as_kept(row: Mapping[str, str]) -> dict[str, object]:
    """The personal values of a row as the vault holds them."""
    day, month, year = row["victim_date_of_birth"].split("/")
    personal = {key: value for key, value in row.items() if key != "day"}
    return {**personal, "victim_date_of_birth": f"{year}-{month}-{day}"}


def open_texts(hub: Settings, engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        ids: sa.ScalarResult[uuid.UUID] = connection.execute(
            sa.select(QUARANTINED_ROWS.c.quarantine_id).where(QUARANTINED_ROWS.c.state == "open")
        ).scalars()
        return [read_quarantined(VaultReader(hub, "a test"), connection, one) for one in ids.all()]


def readable(data: bytes) -> str:
    if data.startswith(b"PAR1"):
        return str(pq.read_table(io.BytesIO(data)).to_pylist())
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "".join(archive.read(one).decode() for one in archive.infolist())
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8")
    return text.replace("\\u0061", "a")

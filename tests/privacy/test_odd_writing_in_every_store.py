"""However somebody is written and wherever, after an erasure it is gone or the certificate says where it is left."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.deliveries import DeliveryStatus
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.certificate import Certificate
from hub.settings import Settings
from ingest.deliveries import quarantined, take_in
from privacy.cards import (
    CARDS,
    FEEDS,
    NOTES,
    as_csv,
    as_json_lines,
    erase,
    everything_held,
    landed_by_name,
    mask_all,
    token_of,
)
from privacy.letters import open_texts, told
from privacy.odd_writing import EVERYBODY

BO = {"victim_name": "Bo Nolan", "victim_email": "bo@example.org", "words": "nothing"}
TEXTS = {f"{one.ref}: {how}": (one, text) for one in EVERYBODY for how, text in one.said.items()}
"""Every text of everybody, by person and how it is written."""


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    take_in(settings, engine, CARDS, as_csv([one.row for one in EVERYBODY]), "own.csv")
    return settings


@pytest.fixture
def airflow(administration: sa.Engine, make_settings: Callable[[], Settings]) -> Iterator[sa.Engine]:
    name = make_url(str(make_settings().warehouse_url)).database
    engine = sa.create_engine(administration.url.set(database=name))
    with engine.begin() as connection:
        connection.execute(sa.text("create table log (event text, extra text)"))
        connection.execute(sa.text("create table xcom (value jsonb)"))
    yield engine
    engine.dispose()


def erase_everybody(hub: Settings, engine: sa.Engine, airflow: sa.Engine | None = None) -> list[Certificate]:
    """Erase them one after the other, and have every mention masked."""
    return [mask_all(hub, engine, erase(hub, engine, token_of(engine, CARDS, one.ref), airflow)) for one in EVERYBODY]


def unnamed(certificates: list[Certificate], left: Mapping[str, object]) -> list[str]:
    """Of what is left, that of people of whom the certificate says that nothing is."""
    clean = {one.ref for one, said in zip(EVERYBODY, certificates, strict=True) if said.nothing_is_left}
    return sorted(key for key in left if TEXTS[key][0].ref in clean)


def left_in(text: str) -> dict[str, str]:
    """Which of the texts still stand in what was written into a file or a table."""
    return {key: said for key, (_, said) in TEXTS.items() if f"is {said} here" in text}


def test_in_what_others_wrote(hub: Settings, engine: sa.Engine) -> None:
    rows = [{**BO, "ref": key, "words": f"it was {text} again"} for key, (_, text) in TEXTS.items()]
    take_in(hub, engine, CARDS, as_csv(rows), "others.csv")
    certificates = erase_everybody(hub, engine)
    now = told(hub, engine, CARDS)
    left = {key: text for key, (_, text) in TEXTS.items() if text in str(now[key]["words"])}
    assert all(now[key]["victim_email"] == "bo@example.org" for key in TEXTS)
    wrong = unnamed(certificates, left)
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_in_quarantined_rows_of_others(hub: Settings, engine: sa.Engine) -> None:
    rows = [{**BO, "ref": "", "place": key, "words": f"it was {text} again"} for key, (_, text) in TEXTS.items()]
    for start in range(0, len(rows), 15):
        take_in(hub, engine, NOTES, as_json_lines(rows[start : start + 15]), f"{start}.jsonl")
    assert len(quarantined(engine)) == len(rows)
    certificates = erase_everybody(hub, engine)
    now = {row["place"]: row for row in map(json.loads, open_texts(hub, engine))}
    assert now.keys() == TEXTS.keys()
    left = {key: text for key, (_, text) in TEXTS.items() if text in now[key]["words"]}
    wrong = unnamed(certificates, left)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("encoding", [pytest.param("utf-8", marks=pytest.mark.long), "utf-16"])
def test_in_a_file_that_the_hub_refused(hub: Settings, engine: sa.Engine, encoding: str) -> None:
    data = "".join(f"{key} is {text} here\n" for key, (_, text) in TEXTS.items()).encode(encoding)
    assert take_in(hub, engine, CARDS, data, "refused.txt").status is DeliveryStatus.REFUSED
    certificates = erase_everybody(hub, engine)
    wrong = unnamed(certificates, left_in(landed_by_name(hub, engine)["refused.txt"].decode(encoding)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_in_rows_that_cannot_be_read(hub: Settings, engine: sa.Engine) -> None:
    entries = list(TEXTS.items())
    for start in range(0, len(entries), 15):
        lines = "".join(f'"{key}","is {text} here"\n' for key, (_, text) in entries[start : start + 15])
        take_in(hub, engine, CARDS, as_csv([]) + lines.encode(), f"broken {start}.csv")
    assert len(quarantined(engine)) == len(entries)
    certificates = erase_everybody(hub, engine)
    landed = "".join(data.decode() for data in landed_by_name(hub, engine).values())
    kept = "\n".join([*open_texts(hub, engine), landed, json.dumps(list(everything_held(engine).items()))])
    wrong = unnamed(certificates, left_in(kept))
    assert not wrong, "\n".join(wrong)


def test_in_logs_files_for_senders_and_airflow(hub: Settings, engine: sa.Engine, airflow: sa.Engine) -> None:
    lines = "".join(f"{key} is {text} here\n" for key, (_, text) in TEXTS.items())
    files = [hub.home / "logs" / "a.log", hub.home / "outbox" / "cards" / "letters" / "2026-01_a.txt"]
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines, encoding="utf-8")
    with airflow.begin() as connection:
        for key, (_, text) in TEXTS.items():
            said = {"key": key, "text": f"{key} is {text} here"}
            connection.execute(sa.text("insert into log values (:key, :text)"), said)
            connection.execute(sa.text("insert into xcom select to_jsonb(cast(:text as text))"), said)
    certificates = erase_everybody(hub, engine, airflow)
    stores = {path.name: path.read_text(encoding="utf-8") for path in files}
    with airflow.connect() as connection:
        for table, column in (("log", "extra"), ("xcom", "value #>> '{}'")):
            stores[table] = "\n".join(connection.execute(sa.text(f"select {column} from {table}")).scalars())
    wrong = [f"{store}: {one}" for store, now in stores.items() for one in unnamed(certificates, left_in(now))]
    assert not wrong, "\n".join(wrong)

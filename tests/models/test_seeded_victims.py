"""Made-up victims go through every feed, a quarantine, a failed run, a build, a publish and dispatches: nothing holds
them in clear. Then one of them is erased, and nothing can say any more who it was."""

import json
import shutil
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest
from typer.testing import CliRunner

from contracts.samples import packed_sample
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.dispatch.rounds import prepare_dispatches
from hub.dispatch.rounds import send_due as send_dispatches
from hub.ingest import attempt
from hub.ingest.collect import collect_files
from hub.ingest.data_docs import write_data_docs
from hub.ingest.ingest import ingest_delivery
from hub.ingest.landing_store import landed_names
from hub.lineage import send_lineage
from hub.linkage.people.linking import link_people
from hub.metrics.collector import HubCollector
from hub.monitoring.watch import watch_deliveries
from hub.notifications.channels import Channel
from hub.notifications.outbox import Message
from hub.notifications.sending import send_due
from hub.notifications.taken import body
from hub.orchestration import reviews
from hub.privacy import vault_erasure
from hub.privacy.asked_for import ErasureRefused
from hub.privacy.certificate import Certificate
from hub.privacy.erasure import erase_person
from hub.privacy.identify import subjects_of_token
from hub.privacy.quarantined_subjects import is_called_by_row
from hub.privacy.vault_erasure import Subject, with_texts
from hub.privacy.vault_erasure import subjects_of_person as of_person
from hub.publish import publish
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built
from models.held_values import Values, quarantined_texts, stated_again, values_of, with_personal, words_of
from searching import files_holding, tables_holding

ROBIN = "robin.sample@example.org"
OTHER_NAMES = "records that give another name with the same address"


@pytest.fixture
def kept(warehouse: Settings, built: Built) -> Settings:
    """The samples of every feed taken in and built, with the files that this left."""
    left_out = shutil.ignore_patterns("samples", "secrets", "audit")  # its log goes on while others read
    shutil.copytree(built.settings.home, warehouse.home, dirs_exist_ok=True, ignore=left_out)
    audit.begin_with(warehouse, open_warehouse(warehouse, Role.OWNER))
    return warehouse


@pytest.fixture
def seeded(kept: Settings, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """That, the bad records of every feed with personal values quarantined, a load that failed half-way, all of it
    published, and everybody told."""
    engine = open_warehouse(kept, Role.OWNER)
    for feed in with_personal(catalogue):
        take_in(kept, engine, catalogue, packed_sample(catalogue.contracts[feed], "bad", tmp_path), feed)
    broken = tmp_path / "broken.csv"
    good = packed_sample(catalogue.contracts["true_vision_reports"], "good", tmp_path).read_text(encoding="utf-8")
    broken.write_text(good.replace("TV-000", "TV-900"), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(attempt, "delivery_problems", _fail)
        with pytest.raises(RuntimeError, match="a rule of our own"):
            take_in(kept, engine, catalogue, broken, "true_vision_reports")
    publish(kept, engine)
    own = tmp_path / "recipients"
    shutil.copytree(kept.recipients, own)
    for contract in own.glob("*/recipient.yaml"):  # those that come with the hub are made up, and take no real case
        contract.write_text(contract.read_text(encoding="utf-8").replace("simulated: true\n", ""), encoding="utf-8")
    monkeypatch.setattr(Settings, "recipients", property(lambda _: own))
    prepare_dispatches(kept)
    send_dispatches(kept)
    tell(kept, catalogue)
    (kept.home / "metrics.txt").write_bytes(generate_latest(HubCollector(kept)))
    assert write_data_docs(kept, catalogue.contracts) >= len(with_personal(catalogue))
    (kept.home / "openlineage.yml").write_text(
        f"transport: {{type: file, append: true, log_file_path: {kept.home / 'events.ndjson'}}}"
    )
    assert send_lineage(kept)
    return kept


def tell(settings: Settings, catalogue: Catalogue) -> None:
    """Tell everybody of everything, and keep what is told in a file."""
    watch_deliveries(open_warehouse(settings, Role.LOADER), catalogue, settings, datetime.now(UTC))
    settings.notifications.write_text("everybody: {from_severity: notice}")

    def hand(_: Channel, message: Message) -> str:
        with (settings.home / "told.txt").open("a") as told:
            told.write(f"{message.title}\n{body(message)}")
        return "taken"

    sent = send_due(settings, hand=hand)
    assert sent.taken["everybody"] >= len(with_personal(catalogue))


def take_in(settings: Settings, engine: sa.Engine, catalogue: Catalogue, path: Path, feed: str) -> None:
    for receipt in collect_files(settings, engine, catalogue.contracts[feed], [path]):
        # Released ahead: bad samples hold too many wrong rows to be let in by themselves.
        ingest_delivery(settings, engine, catalogue.contracts[feed], receipt.delivery_id, released_by="a.person")


def _fail(*_: object) -> list[str]:
    raise RuntimeError("a rule of our own is wrong")


def erase(settings: Settings, engine: sa.Engine, catalogue: Catalogue, asked_for: str) -> tuple[Certificate, Path]:
    return erase_person(
        settings, engine, catalogue, asked_for, because="asked for by the person", decided_by="a.person"
    )


def robins(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> tuple[str, list[str]]:
    """The token of ``ROBIN``, who made the first report, and the persons of whom linkage says that it is theirs."""
    query = "select reporter_email_token from raw.true_vision_reports where report_ref = 'TV-00000001'"
    with engine.connect() as connection:
        token = str(connection.execute(sa.text(query)).scalar_one())
        persons = vault_erasure.persons_of(connection, subjects_of_token(settings, connection, catalogue, token))
    return token, sorted(map(str, persons))


def with_what_goes_along(
    engine: sa.Engine, catalogue: Catalogue, before: Values, subjects: set[Subject]
) -> set[tuple[str, uuid.UUID, int, str]]:
    """What is erased with these subjects: what their records say, wherever they are stated again."""
    gone = {(one.feed, one.delivery_id, one.row_number, one.subject) for one in with_texts(catalogue, subjects)}
    gone |= {
        (feed, *again, subject)
        for feed, delivery_id, row_number, subject in gone
        for again in stated_again(engine, feed, (delivery_id, row_number))
    }
    # Robin is the victim of the reports that Robin made, too: the same tokens in other columns of the row.
    at = {(feed, row["_delivery_id"], row["_row_number"]): row for feed, rows in before.items() for row in rows}
    return gone | {
        (feed, delivery_id, row_number, "victim")
        for feed, delivery_id, row_number, subject in gone
        if subject == "reporter"
        and at[feed, delivery_id, row_number].get("victim_name") == at[feed, delivery_id, row_number]["reporter_name"]
    }


def called_by_rows(certificates: list[Certificate]) -> dict[uuid.UUID, str]:
    """What certificates name that waits in quarantine: by what each row can be erased."""
    left = {place.rpartition(", by ")[2] for one in certificates for store in one.stores for place in store.left_in}
    return {uuid.UUID(by.partition(":")[0]): by for by in left if is_called_by_row(by)}


def rows_with_robin(settings: Settings, engine: sa.Engine) -> list[uuid.UUID]:
    """The rows that still give the address in quarantine."""
    return sorted(row for row, text in quarantined_texts(settings, engine).items() if ROBIN in text.casefold())


def test_victims_are_in_the_vault_alone_and_who_was_erased_is_nowhere(seeded: Settings, catalogue: Catalogue) -> None:
    engine = open_warehouse(seeded, Role.OWNER)
    before = values_of(seeded, engine, catalogue)
    words = words_of(before)
    assert ROBIN in words
    assert len(words) > 20
    assert tables_holding(engine, words) == set()
    assert files_holding(seeded.home, words) == set()
    assert list(seeded.pickup_folder.glob("*/*-*-*-*.json"))
    assert files_holding(seeded.pickup_folder, words) == set()
    token, persons = robins(seeded, engine, catalogue)
    with engine.connect() as connection:
        subjects = subjects_of_token(seeded, connection, catalogue, token)
        erased = {one for person in persons for one in of_person(connection, uuid.UUID(person))}
    gone = with_what_goes_along(engine, catalogue, before, erased | subjects)
    (seeded.logs / "careless.log").parent.mkdir(exist_ok=True)
    (seeded.logs / "careless.log").write_text(f"a letter from {ROBIN.upper()} came\n")
    landed = set(landed_names(seeded))
    certificate, path = erase(seeded, engine, catalogue, persons[0])
    told = json.loads(path.read_text())
    stores = {store["store"]: store for store in told["stores"]}
    assert {name for name, store in stores.items() if store["left"]} == {OTHER_NAMES}
    assert (told["counts_are_kept"], told["nothing_is_left"]) == (True, False)
    assert {name for name, store in stores.items() if store["removed"]} >= {
        "vault", "landing", "quarantine", "linkage", "extracts, logs and other files",
    }  # fmt: skip
    assert "Robin" not in path.read_text()
    # The address is still in the records, as a token: who is left behind it is erased by that.
    certificates = [certificate, *(erase(seeded, engine, catalogue, person)[0] for person in persons[1:])]
    with pytest.raises(LookupError, match="every record that is known by"):
        erase(seeded, engine, catalogue, token)
    after = values_of(seeded, engine, catalogue)
    assert ROBIN not in words_of(after)
    # Of everybody else every value is still there; what was written beside these two has gone.
    for feed, rows in before.items():
        contract = catalogue.contracts[feed]
        for row, now in zip(rows, after[feed], strict=True):
            place = (feed, row["_delivery_id"], row["_row_number"])
            lost = {contract.column(name).subject for name in row.keys() - now.keys()}
            assert all((*place, subject) in gone for subject in lost)
            assert not any((*place, contract.column(name).subject) in gone for name in now if name[0] != "_")
    assert landed - set(landed_names(seeded))
    assert audit.verify(seeded, engine)[1] == []
    with engine.connect() as connection:
        assert not any(of_person(connection, uuid.UUID(one)) for one in persons)
    # What gives the address under other names, and is in quarantine alone, is named with what erases it.
    by_row = called_by_rows(certificates)
    waiting = rows_with_robin(seeded, engine)
    assert waiting, "the bad samples give the address"
    assert by_row.keys() >= set(waiting)
    for one in waiting:
        if one in rows_with_robin(seeded, engine):  # some go with the one before
            erase(seeded, engine, catalogue, by_row[one])
    assert rows_with_robin(seeded, engine) == []
    assert any(quarantined_texts(seeded, engine).values())
    # Asked for again, it is what was done; and a linkage from scratch finds nobody there.
    assert erase(seeded, engine, catalogue, persons[0]) == (certificate, path)
    link_people(seeded, engine, full=True)
    with engine.connect() as connection:
        assert vault_erasure.persons_of(connection, subjects) == set()


def test_bytes_that_were_destroyed_do_not_come_back(kept: Settings, catalogue: Catalogue, tmp_path: Path) -> None:
    engine = open_warehouse(kept, Role.OWNER)
    erase(kept, engine, catalogue, robins(kept, engine, catalogue)[1][0])
    landed = set(landed_names(kept))
    again = tmp_path / "again.csv"
    again.write_bytes(packed_sample(catalogue.contracts["true_vision_reports"], "good", tmp_path).read_bytes())
    take_in(kept, engine, catalogue, again, "true_vision_reports")
    assert set(landed_names(kept)) == landed


@pytest.mark.long
def test_a_legal_hold_keeps_a_person_until_it_is_lifted(
    kept: Settings, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_warehouse(kept, Role.OWNER)
    person = robins(kept, engine, catalogue)[1][0]
    monkeypatch.setenv("HUB_HOME", str(kept.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(kept.warehouse_url))
    held = CliRunner().invoke(app, ["person", "hold", person, "--because", "a trial is coming"])
    assert held.exit_code == 0
    with pytest.raises(ErasureRefused, match="a trial is coming"):
        erase(kept, engine, catalogue, person)
    refused = CliRunner().invoke(app, ["person", "erase", person, "--because", "asked for"])
    assert refused.exit_code == 1
    lifted = CliRunner().invoke(app, ["person", "lift-hold", person, "--because", "the trial is over"])
    assert lifted.exit_code == 0
    done = CliRunner().invoke(app, ["person", "erase", person, "--because", "asked for"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["nothing_is_left"]
    assert audit.verify(kept, engine)[1] == []
    with pytest.raises(LookupError, match="nobody is known"):
        erase(kept, engine, catalogue, "t1_" + "0" * 40)


def test_a_review_keeps_with_its_reason_or_erases_and_whoever_is_held_is_not_asked_about(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, later = open_warehouse(kept, Role.OWNER), date(2040, 1, 1)
    assert reviews.find_due(kept, date(2027, 1, 1)) == []
    held, erased, *others = reviews.find_due(kept, later)
    with begin(engine) as connection:
        vault_erasure.place_hold(connection, uuid.UUID(held), "a trial is coming", "a.person")
        linked = {"held": held, "new": str(uuid.uuid4())}
        connection.execute(
            sa.text("update linkage.mention_persons set person_id = :new where person_id = :held"), linked
        )
    assert reviews.find_due(kept, later) == [erased, *others], "another name from linkage ends no hold"
    told = reviews.describe(kept, [erased], later)
    assert erased in told
    assert others[0] not in told

    def decide(persons: list[str], *, is_keep: bool) -> reviews.Reviewed:
        because, by = "no longer needed", "a.person"
        return reviews.carry_out(kept, persons, is_keep=is_keep, because=because, decided_by=by, today=later)

    assert decide([held, erased], is_keep=False).as_json() == {
        "kept": 0, "erased": 1, "not_carried_out": {},
    }  # fmt: skip
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            decide(others, is_keep=True)
    assert decide(others, is_keep=True).kept == len(others), "nobody was kept of whom the log could not be told"
    # Nothing is decided twice, and what is kept comes up again when its time has come.
    assert decide([erased, *others], is_keep=True).kept == 0
    assert reviews.find_due(kept, date(2044, 12, 31)) == []
    assert set(reviews.find_due(kept, date(2050, 1, 1))) == set(others)
    with engine.connect() as connection:
        reasons = connection.execute(sa.text("select decision, because from vault.retention_reviews")).all()
    assert Counter(row.decision for row in reasons) == {"keep": len(others), "erase": 1}
    assert {row.because for row in reasons} == {"no longer needed"}
    assert audit.verify(kept, engine)[1] == []


def test_nobody_is_due_for_review_before_the_first_build(settings: Settings) -> None:
    assert reviews.find_due(settings, date(2040, 1, 1)) == []

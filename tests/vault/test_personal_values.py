"""Made-up victims are looked for in every store: their values stand in the vault alone, encrypted."""

import json
import logging
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from encrypting import vault_rows
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.contracts.values import Classification, FileFormat
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.release import release_row
from hub.settings import Settings
from hub.vault.hub_keys import read_keys
from ingest.deliveries import counts, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed
from searching import files_holding, tables_holding

P, S = Classification.PERSONAL, Classification.SENSITIVE
REPORTS = feed(
    column("ref", required=True, unique=True, max_length=3),
    column("email", classification=P),
    column("phone", classification=P),
    column("words", classification=S),
    name="seeded_reports",
)
LETTERS = feed(
    column("writer_email", classification=P),
    column("email_again", classification=S),
    name="seeded_letters",
    form=FileFormat.JSONL,
)
EMAIL, PHONE = "zephyrine.quillfeather@example.org", "07700 900461"
WORDS = 'they called me a [slur] at "Marzipan Lane"'
SEEDED = ("zephyrine", "quillfeather", "07700 900461", "7700900461", "Marzipan", "called me")


@pytest.fixture
def seeded(settings: Settings, engine: sa.Engine) -> Settings:
    """A hub that took in the victim's values in accepted, quarantined, unreadable and released rows, and in refused
    and duplicate deliveries."""
    prepare_warehouse(engine, [REPORTS, LETTERS])
    words = WORDS.replace('"', '""')
    person = f'{EMAIL},{PHONE},"{words}"'
    rows = (f"A,{person}", f"LONG,{person}", f"A,{person}2", f"B,{EMAIL},{WORDS}", f"C,{person},{PHONE}", f",{person}")
    data = "\n".join(["ref,email,phone,words", *rows, ""])
    result = take_in(settings, engine, REPORTS, data.encode(), "reports.csv")
    assert (result.rows_read, result.rows_accepted) == (6, 1)
    take_in(settings, engine, REPORTS, data.encode(), "again.csv")
    take_in(settings, engine, REPORTS, f"ref,{EMAIL}\nA,{PHONE}\n".encode(), "refused.csv")
    letter = json.dumps({"writer_email": EMAIL.upper(), "email_again": EMAIL})
    broken = json.dumps({"writer_email": EMAIL, EMAIL: PHONE})
    take_in(settings, engine, LETTERS, f"{letter}\n{broken}\n".encode(), "letters.jsonl")
    first = next(row for row in quarantined(engine) if row.rule == "ref.length")
    release_row(
        settings, engine, Catalogue({REPORTS.feed: REPORTS, LETTERS.feed: LETTERS}, {}), first.quarantine_id, "me"
    )
    return settings


@pytest.mark.usefixtures("seeded")
def test_no_table_holds_a_victims_values_in_clear(engine: sa.Engine) -> None:
    assert tables_holding(engine, SEEDED) == set()


def test_no_file_but_those_of_the_sender_holds_a_victims_values(seeded: Settings) -> None:
    sent = {seeded.home / name for name in ("reports.csv", "again.csv", "refused.csv", "letters.jsonl")}
    assert files_holding(seeded.home, SEEDED) == sent
    assert len(list(seeded.outbox.rglob("*.csv"))) == 2


@pytest.mark.usefixtures("seeded")
def test_the_servers_log_holds_no_value_also_when_a_statement_fails(
    engine: sa.Engine, administration: sa.Engine
) -> None:
    with pytest.raises(sa.exc.IntegrityError) as error, engine.begin() as connection:
        connection.execute(
            sa.text("insert into vault.quarantined_rows select quarantine_id, :words from vault.quarantined_rows"),
            {"words": WORDS.encode()},
        )
    assert "Marzipan" not in str(error.value)
    with administration.connect() as connection:
        data = Path(str(connection.execute(sa.text("show data_directory")).scalar()))
    log = (data.parent / "postgres.log").read_text(errors="replace")
    assert not any(word in log for word in SEEDED)


def test_nothing_is_said_of_a_victim_in_logs_or_errors(
    settings: Settings, engine: sa.Engine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare_warehouse(engine, [REPORTS])
    data = f"ref,email,phone,words\nA,{EMAIL},{PHONE},x\n,{EMAIL},{PHONE},x\n".encode()
    more = data + f"B,{EMAIL},{PHONE},y\n".encode()
    with caplog.at_level(logging.DEBUG):
        take_in(settings, engine, REPORTS, data, "a.csv")
        with engine.begin() as connection:
            connection.execute(sa.text("alter table vault.seeded_reports add check (phone is null) not valid"))
        with pytest.raises(sa.exc.DBAPIError, match="violates check constraint") as error:
            take_in(settings, engine, REPORTS, more, "b.csv")
    out_and_err = capfd.readouterr()
    told = "".join(traceback.format_exception(error.value))
    printed = (caplog.text, out_and_err.out, out_and_err.err, told)
    assert not any(word in text for word in SEEDED for text in printed)


def test_a_person_has_one_token_in_every_feed_however_the_address_is_written(
    seeded: Settings, engine: sa.Engine
) -> None:
    tokens = {row["email_token"] for row in raw_rows(engine, REPORTS)}
    tokens |= {row["writer_email_token"] for row in raw_rows(engine, LETTERS)}
    assert len(tokens) == 1
    (letter,) = raw_rows(engine, LETTERS)
    # What a person wrote has a key of its own, so that it cannot be matched with who they are.
    assert letter["email_again_token"] not in tokens
    assert {row["email"] for row in vault_rows(seeded, engine, REPORTS)} == {EMAIL}
    assert [row["writer_email"] for row in vault_rows(seeded, engine, LETTERS)] == [EMAIL.upper()]


def test_another_hub_gives_other_tokens(seeded: Settings, engine: sa.Engine) -> None:
    keys = read_keys(seeded)
    assert len({keys.person.secret, keys.text.secret, keys.record.secret, keys.master.secret, keys.audit.secret}) == 5
    for path in seeded.secrets.glob("*.keys"):
        assert path.stat().st_mode & 0o077 == 0
        path.unlink()
    data = f"ref,email,phone,words\nZ,{EMAIL},,\n".encode()
    take_in(seeded, engine, REPORTS, data, "other.csv")
    assert len({row["email_token"] for row in raw_rows(engine, REPORTS)}) == 2


def test_the_vault_has_a_row_for_each_accepted_record_and_no_other(seeded: Settings, engine: sa.Engine) -> None:
    for contract in (REPORTS, LETTERS):
        in_raw = [(row["_delivery_id"], row["_row_number"]) for row in raw_rows(engine, contract)]
        assert in_raw == [(row["_delivery_id"], row["_row_number"]) for row in vault_rows(seeded, engine, contract)]


def test_what_the_quarantine_commands_print_is_masked(
    seeded: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(seeded.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(seeded.warehouse_url))
    runner = CliRunner()
    listed = runner.invoke(app, ["quarantine", "list", "--state", "all"])
    assert listed.exit_code == 0
    shown = [runner.invoke(app, ["quarantine", "show", str(row.quarantine_id)]) for row in quarantined(engine)]
    assert all(one.exit_code == 0 for one in shown)
    printed = listed.output + "".join(one.output for one in shown)
    assert "ref.required" in printed
    assert not any(word.lower() in printed.lower() for word in SEEDED)
    is_open = next(row for row in quarantined(engine) if row.state == "open" and row.rule == "ref.required")
    revealed = runner.invoke(app, ["quarantine", "show", "--reveal", str(is_open.quarantine_id)])
    assert EMAIL in revealed.output


def test_counts_of_the_seeded_reports_add_up(seeded: Settings, engine: sa.Engine) -> None:
    again = take_in(seeded, engine, REPORTS, (seeded.home / "reports.csv").read_bytes(), "third.csv")
    assert counts(again) == (6, 2, 4, 0)

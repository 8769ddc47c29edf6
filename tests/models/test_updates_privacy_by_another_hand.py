"""What the hub keeps, says and may do when it tells people: no address outside the vault, each read in the audit log,
roles that can do no more than they must, and rules that are refused with the name of the key that is wrong."""

import base64
import contextlib
import itertools
import logging
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from typer.testing import CliRunner

from hub.cli.main import app
from hub.reporters.sending import prepare_updates, send_due
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_mail import Postbox, only, states, stop, write_rules
from models.updates_oracle import read_delivered, read_published
from models.updates_world import UpdatesHub

SUBJECTS = ("lives with", "capitals", "first of two", "second of two", "comes again", "is erased", "not ASCII")
FAULTS = ("rcpt 550", "550", "451", "rcpt 421", "421")
PASSWORD = "tiger-lily"
THE_SERVERS_OWN = "mail.log"
"""The log of the mail server that the tests run."""
BEFORE, AFTER = re.compile(r"""[^\s<>"',;:()\[\]{}=]+$"""), re.compile(r"""[^\s<>"',;:()\[\]{}=\\]+""")
"""The two sides of an address."""
DOMAIN = b".example.org"
CODED = {DOMAIN.hex(), *(base64.b64encode(b"x" * before + DOMAIN)[4:-4].decode() for before in range(1, 4))}
RAW_REPORTS = {"raw.true_vision_reports", "raw.community_reports", "raw.volunteer_reports"}
RULES: dict[str, Any] = {
    "since": "2026-01-01",
    "sender": "updates@hub.example",
    "server": "mail",
    "by_rule": ["received"],
    "help": "000 111",
}
WRONG = (
    ("since", "soon"),
    ("since", 17),
    ("since", None),
    ("since", ["2026-01-01"]),
    ("sender", "nobody"),
    ("sender", None),
    ("sender", "a@hub.example, b@hub.example"),
    ("sender", "a@hub.example\nBcc: b@hub.example"),
    ("sender", ["a@hub.example"]),
    ("server", "../roles/hub_owner"),
    ("server", "/etc/hostname"),
    ("server", ""),
    ("server", "."),
    ("server", ".."),
    ("server", 25),
    ("server", None),
    ("by_rule", ["everything"]),
    ("by_rule", "received"),
    ("by_rule", [["received"]]),
    ("by_rule", {"received": True}),
    ("help", ["000 111"]),
    ("help", 17),
    ("takes_simulated", "no"),
    ("takes_simulated", 1),
    ("everybody", True),
)


@pytest.fixture
def run(ready: UpdatesHub, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``hub updates`` with these words."""
    monkeypatch.setenv("HUB_HOME", str(ready.settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(ready.settings.warehouse_url))
    return lambda *arguments: CliRunner().invoke(app, ["updates", *map(str, arguments)])


def kept(text: str, addresses: set[str]) -> set[str]:
    """Addresses in a text, and what gives one away in bytes: the domain of all of them, in hex or base64."""
    pairs = itertools.pairwise(text.split("@"))
    sides = ((BEFORE.search(left[-80:]), AFTER.match(right[:80])) for left, right in pairs)
    plain = {f"{left[0]}@{right[0]}".lower().rstrip(".") for left, right in sides if left and right}
    return plain & {one.lower() for one in addresses} | {coded for coded in CODED if coded in text}


def everything_kept(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every table but those of the vault and the code lists, as text."""
    query = """
        select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('vault', 'reference', 'pg_catalog', 'information_schema')
    """
    owner = open_warehouse(settings, Role.OWNER)
    for table in fetch(owner, query):
        yield table, fetch(owner, f"select coalesce(string_agg(cast(t as text), ' '), '') from {table} as t")[0]


def test_no_address_is_in_a_table_outside_the_vault_in_a_log_or_on_a_screen(
    ready: UpdatesHub, postbox: Postbox, run: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    only(ready, *SUBJECTS)
    stop(ready, "first of two")
    postbox.faults.extend(FAULTS)
    shown = [run("prepare").output, run("list").output, run("send").output, run("list", "--all").output]
    send_due(ready.settings, at_once=True)
    shown += [run("list", "--all").output, run("send").output]
    delivered = read_delivered(ready.files)
    addresses = set.union(*({one for one in (said.reporter, said.victim) if one} for said in delivered.values()))
    assert len(addresses) > 50
    assert postbox.met["rcpt 550"] == 1
    assert states(ready.settings)["sent"] > 0
    logged = [record.getMessage() for record in caplog.records if record.name != THE_SERVERS_OWN]
    outputs = "\n".join((*shown, *logged, *capfd.readouterr()))
    assert not kept(outputs, addresses)
    for table, text in everything_kept(ready.settings):
        assert not kept(text, addresses), table
    for path in ready.settings.home.rglob("*"):
        if path.is_file() and path.suffix in (".log", ".json", ".yaml", ".txt"):
            assert not kept(path.read_text(errors="replace"), addresses), path


def test_a_failed_server_says_nothing_of_its_login(
    ready: UpdatesHub, postbox: Postbox, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    only(ready, "comes again")
    write_rules(ready.settings, postbox.address.replace("//", f"//lily:{PASSWORD}@"))
    result = run("send")
    assert result.exit_code == 1
    kept = [text for name, text in everything_kept(ready.settings) if name.startswith("ledger")]
    shown = "\n".join((result.output, run("list", "--all").output, caplog.text, *kept))
    assert PASSWORD not in shown
    assert postbox.mails == []


def test_each_read_of_an_address_is_in_the_audit_log(ready: UpdatesHub, postbox: Postbox) -> None:
    only(ready, *SUBJECTS)
    owner = open_warehouse(ready.settings, Role.OWNER)
    audit.begin_with(ready.settings, owner)
    query = """
        select coalesce(sum(cast(counts.value as integer)), 0) from audit.log
        cross join lateral jsonb_each_text(details -> 'subjects') as counts
        where action = 'vault read' and purpose = 'an update for who reported'
          and counts.key in ('true_vision_reports.reporter', 'community_reports.reporter', 'community_reports.victim')
    """
    [before] = fetch(owner, query)
    send_due(ready.settings)
    [after] = fetch(owner, query)
    assert after - before >= len(postbox.mails) > 0
    assert audit.verify(ready.settings, owner)[1] == []


def test_what_cannot_be_written_to_the_audit_log_is_not_read(ready: UpdatesHub, postbox: Postbox) -> None:
    only(ready, *SUBJECTS)
    with open_warehouse(ready.settings, Role.OWNER).begin() as connection:
        connection.execute(sa.text("revoke execute on all functions in schema audit from hub_recorder"))
    with contextlib.suppress(sa.exc.DBAPIError):
        assert send_due(ready.settings).sent == 0
    assert postbox.receivers == set()


def test_who_sends_cannot_read_the_vault_and_who_reads_it_writes_nothing(ready: UpdatesHub) -> None:
    query = """
        select format('%I.%I', n.nspname, c.relname) from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
          and n.nspname not like 'pg_t%'
    """
    tables = set(fetch(open_warehouse(ready.settings, Role.OWNER), query))
    held = "select r.t from unnest(cast(:tables as text[])) as r (t) where has_table_privilege(:role, r.t, :rights)"
    assert {"vault.true_vision_reports", "vault.subject_keys", "ledger.reporter_updates"} <= tables

    def may(role: Role, rights: str) -> set[str]:
        with open_warehouse(ready.settings, Role.OWNER).connect() as connection:
            values = {"tables": sorted(tables), "role": role.value, "rights": rights}
            return set(connection.execute(sa.text(held), values).scalars())

    writing = "insert, update, delete, truncate, references, trigger"
    assert may(Role.DISCLOSER, writing) == set()
    forbidden = {one for one in tables if one.startswith(("vault.", "staging.stg_")) or one in RAW_REPORTS}
    assert not may(Role.DISPATCHER, f"select, {writing}") & forbidden
    assert not may(Role.DISPATCHER, "delete, truncate") & {"ledger.reporter_updates", "ledger.contact_stops"}
    for role in set(Role) - {Role.OWNER, Role.DISPATCHER}:
        assert not may(role, writing) & {"ledger.reporter_updates", "ledger.contact_stops"}, role
    for role in (Role.ANALYST, Role.BI, Role.EXCHANGE, Role.PUBLISHER):
        assert not may(role, "select") & {"ledger.reporter_updates", "ledger.contact_stops"}, role
    engine = open_warehouse(ready.settings, Role.DISPATCHER)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        fetch(engine, "select 1 from vault.true_vision_reports")


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_rule_that_is_wrong_is_refused_by_name_and_nothing_is_sent(
    settings: Settings, key: str, value: object
) -> None:
    write_rules(settings, "smtp+plain://127.0.0.1:1")
    settings.updates.write_text(yaml.safe_dump(RULES | {key: value}))
    for work in (prepare_updates, send_due):
        with pytest.raises(ValueError, match=key) as refused:
            work(settings)
        assert type(refused.value).__name__ == "RulesRefused"


@pytest.mark.parametrize("key", ["since", "sender", "server"])
def test_a_rule_that_is_left_out_is_asked_for_by_name(settings: Settings, key: str) -> None:
    settings.updates.write_text(yaml.safe_dump({name: value for name, value in RULES.items() if name != key}))
    with pytest.raises(ValueError, match=key):
        prepare_updates(settings)


@pytest.mark.parametrize("text", ["[1, 2]", "just words", "{since: ", "\x00"])
def test_a_file_that_is_no_list_of_rules_is_refused(settings: Settings, text: str) -> None:
    settings.updates.write_text(text)
    with pytest.raises(ValueError, match="updates") as refused:
        prepare_updates(settings)
    assert type(refused.value).__name__ == "RulesRefused"


def test_a_server_that_is_not_known_is_said_without_its_secret_and_loses_nothing(
    ready: UpdatesHub, postbox: Postbox
) -> None:
    only(ready, "comes again")
    path = ready.settings.secrets / "updates" / "mail"
    path.write_text(f"gopher://lily:{PASSWORD}@127.0.0.1")
    told = [trouble(ready.settings)]
    path.unlink()
    told.append(trouble(ready.settings))
    assert not [one for one in told if PASSWORD in one or not one]
    assert states(ready.settings)["sent"] == 0
    assert postbox.receivers == set()
    path.write_text(postbox.address)
    assert send_due(ready.settings, at_once=True).sent == 3


def trouble(settings: Settings) -> str:
    """What the hub says where it has nowhere to send."""
    try:
        return " ".join(send_due(settings, at_once=True).put_off)
    except ValueError as problem:
        return str(problem)


def test_a_mark_by_the_command_holds_and_one_for_no_report_is_refused(
    ready: UpdatesHub, postbox: Postbox, run: Any
) -> None:
    """Who mistypes an id must not believe that somebody is safe."""
    only(ready, "comes again", "is erased")
    report = read_published(ready.settings)[ready.named["is erased"]].report_id
    assert run("stop", report, "--because", "not safe").exit_code == 0
    assert run("send").exit_code == 0
    assert len(postbox.mails) == 3
    result = run("stop", uuid.uuid4(), "--because", "not safe")
    assert result.exit_code != 0
    for words in (("stop", report, "--because", "not safe"), ("resume", report)):
        assert "is no person" in run(*words, "--by", "hub").output

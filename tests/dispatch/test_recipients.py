"""Contracts of recipients: what is wrong in one is told with its line and rule, and keeps no other from its work."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from hub.dispatch.recipients import SCHEMA, RecipientRefused, read_recipient, read_recipients
from hub.settings import read_settings

GOOD = """\
code: BTP
name: British Transport Police
kind: force
owner: hub-allocation-desk
valid_from: "2026-01-01"
allocations:
  - target_kind: force
    target_code: BTP
transport:
  kind: folder
  folder: BTP
codes:
  - {list: strand, ours: race, theirs: A1, valid_from: "2026-01-01", valid_to: "2026-06-30"}
  - {list: strand, ours: race, theirs: B1, valid_from: "2026-07-01"}
"""


def write(folder: Path, code: str, text: str) -> Path:
    path = folder / code / "recipient.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("kind: force", "kind: forse", r"line 3: \$\.kind: 'forse' is not one of .*\(rule: enum\)"),
        ("code: BTP\n", "", r"line 1: \$: 'code' is a required property \(rule: required\)"),
        ("code: BTP\n", "code: PSNI\n", r"line 1: \$\.code: PSNI is not the name of its folder \(rule: folder\)"),
        ("  folder: BTP", "  folder: BTP\n  port: 22", r"line 10: \$\.transport: Additional .*'port' was unexpected"),
        ("  kind: folder", "  kind: fax", r"line 10: \$\.transport\.kind: 'fax' is not one of"),
        ("owner: hub-allocation-desk", "owner: ''", r"line 4: \$\.owner: '' does not match .*\(rule: pattern\)"),
        ("hub-allocation-desk", '"hub-allocation-desk\\n"', r"line 4: \$\.owner: 'hub-.*\(rule: pattern\)"),
        ('valid_from: "2026-01-01"\n', 'valid_from: "soon"\n', r"line 5: \$\.valid_from: 'soon' is not a 'date'"),
        ('"2026-07-01"', '"2026-06-30"', r"line 14: \$\.codes\[1\]: strand race has two codes on the same day"),
        ("codes:", "codes: [", "recipient.yaml is not YAML"),
        ("  kind: folder", "  kind: exchange", r"line 10: \$\.transport: Additional .*'folder' was unexpected"),
        ("codes:", "delivers: [force_responses]\ncodes:", r"line 12: \$\.delivers\[0\]: .*\(rule: not\)"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_rule(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in GOOD
    with pytest.raises(RecipientRefused, match=message):
        read_recipient(write(tmp_path, "BTP", GOOD.replace(before, after, 1)))


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://force.example/take", True),
        ("http://127.0.0.1:8080/take", True),
        ("http://127.0.0.1", True),
        ("http://127.0.0.1:x@elsewhere.example/take", False),
        ("http://127.0.0.1:80@elsewhere.example/take", False),
        ("http://127.0.0.1.elsewhere.example/take", False),
    ],
)
def test_a_plain_webhook_is_on_this_machine_alone(tmp_path: Path, url: str, is_taken: bool) -> None:
    webhook = f"transport: {{kind: webhook, url: '{url}', secret: s}}\n"
    path = write(tmp_path, "BTP", GOOD.replace("transport:\n  kind: folder\n  folder: BTP\n", webhook))
    if is_taken:
        assert read_recipient(path).transport["url"] == url
    else:
        with pytest.raises(RecipientRefused, match="url"):
            read_recipient(path)


SFTP = {"kind": "sftp", "host": "sftp.example", "user": "hub", "folder": "in/dispatches", "key": "btp"}
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHdoYXQgaXMgaGVyZSBpcyBubyBrZXkgYXQgYWxs"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, None),
        ({"host_keys": [HOST_KEY, f"{HOST_KEY}2 comment"], "port": 2222}, None),
        ({"host_keys": []}, "host_keys"),
        ({"host_keys": None}, "host_keys"),
        ({"host_keys": ["SHA256:abc"]}, "host_keys"),
        ({"host_keys": [f"* {HOST_KEY}"]}, "host_keys"),
        ({"key": "../vault/key"}, "key"),
        ({"host": "user@sftp.example"}, "host"),
        ({"port": 0}, "port"),
        ({"folder": "in/"}, "folder"),
        ({"password": "x"}, "password"),
    ],
)
def test_an_sftp_server_is_known_by_its_keys_and_the_hub_by_a_file(
    tmp_path: Path, said: dict[str, object], wrong: str | None
) -> None:
    transport = {**SFTP, "host_keys": [HOST_KEY], **said}
    known = json.dumps({name: value for name, value in transport.items() if value is not None})
    path = write(tmp_path, "BTP", GOOD.replace("transport:\n  kind: folder\n  folder: BTP\n", f"transport: {known}\n"))
    if wrong is None:
        assert read_recipient(path).transport == transport
    else:
        with pytest.raises(RecipientRefused, match=wrong):
            read_recipient(path)


def test_a_code_of_the_recipient_holds_on_its_days_alone(tmp_path: Path) -> None:
    recipient = read_recipient(write(tmp_path, "BTP", GOOD))
    days = {date(2025, 12, 31): None, date(2026, 6, 30): "A1", date(2026, 7, 1): "B1", date(2030, 1, 1): "B1"}
    assert {day: recipient.their_code("strand", "race", day) for day in days} == days
    assert recipient.their_code("strand", "religion", date(2026, 7, 1)) is None


def test_a_refused_contract_keeps_no_other_from_its_work(tmp_path: Path) -> None:
    write(tmp_path, "BTP", GOOD)
    write(tmp_path, "PSNI", "code: PSNI")
    found = read_recipients(tmp_path)
    assert (list(found.contracts), list(found.refusals)) == (["BTP"], ["PSNI"])
    assert found.of("force", "BTP", "urgent") == found.contracts["BTP"]
    assert found.of("provider", "BTP", "urgent") is None


def test_two_that_claim_the_same_allocations_are_both_refused(tmp_path: Path) -> None:
    write(tmp_path, "BTP", GOOD.replace("target_code: BTP", "target_code: BTP\n    routes: [urgent, transfer]"))
    write(
        tmp_path,
        "rival",
        GOOD.replace("code: BTP", "code: rival", 1).replace("code: BTP", "code: BTP\n    routes: [urgent]"),
    )
    write(
        tmp_path,
        "other",
        GOOD.replace("code: BTP", "code: other", 1).replace("code: BTP", "code: BTP\n    routes: [taken_up]"),
    )
    found = read_recipients(tmp_path)
    assert list(found.contracts) == ["other"]
    assert found.refusals == {
        "BTP": "rival claims some of the same allocations",
        "rival": "BTP claims some of the same allocations",
    }


def test_the_recipients_that_come_with_the_hub_hold() -> None:
    found = read_recipients(read_settings({}).recipients)
    assert {one.kind for one in found.contracts.values()} >= {"force", "provider"}
    assert found.refusals == {}
    assert all("(simulated)" in one.name for one in found.contracts.values())


def test_recipient_check_names_what_is_wrong_and_ends_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dbt_project").symlink_to(read_settings({}).dbt_project)
    monkeypatch.setenv("HUB_PROJECT", str(tmp_path))
    write(tmp_path / "recipients", "BTP", GOOD)
    write(tmp_path / "recipients", "PSNI", GOOD.replace("kind: force", "kind: forse", 1))
    done = CliRunner().invoke(app, ["recipient", "check"])
    assert done.exit_code == 1
    assert "BTP: holds\n  takes allocations to force BTP: British Transport Police" in done.output
    assert "PSNI: refused: line 3: $.kind" in done.output
    assert CliRunner().invoke(app, ["recipient", "check", "BTP"]).exit_code == 0
    assert CliRunner().invoke(app, ["recipient", "check", "nobody"]).exit_code == 2


def test_recipient_check_names_a_target_that_the_hub_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dbt_project").symlink_to(read_settings({}).dbt_project)
    monkeypatch.setenv("HUB_PROJECT", str(tmp_path))
    write(tmp_path / "recipients", "BTP", GOOD.replace("target_code: BTP", "target_code: B7P", 1))
    done = CliRunner().invoke(app, ["recipient", "check"])
    assert done.exit_code == 1
    assert "BTP: the hub knows no force B7P: nothing would go to it" in done.output


def test_no_pattern_of_the_schema_lets_a_line_break_in_at_the_end_of_a_name() -> None:
    patterns: list[str] = []

    def keep(said: dict[str, Any]) -> dict[str, Any]:
        patterns.extend(said["pattern"] for _ in range("pattern" in said))
        return said

    json.loads(SCHEMA.read_text(encoding="utf-8"), object_hook=keep)
    assert len(patterns) > 10
    assert [pattern for pattern in patterns if pattern.endswith(("$", "$)"))] == []


@pytest.mark.parametrize("wrong", ["valid_from: 2026-02-30", "x: " + 5000 * "9", "x: " + 3000 * "["])
def test_what_yaml_itself_cannot_read_in_one_contract_keeps_no_other_from_its_work(tmp_path: Path, wrong: str) -> None:
    write(tmp_path, "BTP", GOOD)
    write(tmp_path, "other", f"{wrong}\n")
    found = read_recipients(tmp_path)
    assert found.contracts.keys() == {"BTP"}
    assert found.refusals.keys() == {"other"}


def test_a_folder_in_the_place_of_one_contract_keeps_no_other_from_its_work(tmp_path: Path) -> None:
    write(tmp_path, "BTP", GOOD)
    (tmp_path / "other" / "recipient.yaml").mkdir(parents=True)
    assert read_recipients(tmp_path).contracts.keys() == {"BTP"}

"""Messages by GOV.UK Notify: each once, under its id, and no address in what is kept of a failure."""

import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.reporters.carriers import ByMail, ByNotify, Letter, NotReady, NotTaken
from hub.reporters.rules import RulesRefused, read_rules
from hub.settings import Settings, read_settings
from reporters.govuk_notify import KEY, TEMPLATE, Notify

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
EMAIL = "robin.sample@example.org"
MAIL = {"sender": "updates@hub.example", "server": "mail"}


@pytest.fixture
def notify() -> Iterator[Notify]:
    with Notify() as server:
        yield server


@pytest.fixture
def carrier(notify: Notify, tmp_path: Path) -> ByNotify:
    (tmp_path / "notify").write_text(KEY + "\n")
    return ByNotify(TEMPLATE, tmp_path / "notify", notify.address)


def message() -> Letter:
    return Letter(uuid.uuid4(), EMAIL, "About your report", "We have it.\n", NOW)


def test_a_message_goes_once_however_often_it_is_handed_over(carrier: ByNotify, notify: Notify) -> None:
    one, other = message(), message()
    for update in (one, one, other):
        carrier.take(update)
    assert [said["reference"] for said in notify.sent] == [str(one.update_id), str(other.update_id)]
    assert notify.sent[0] == {
        "email_address": EMAIL,
        "template_id": TEMPLATE,
        "personalisation": {"subject": one.subject, "message": one.words},
        "reference": str(one.update_id),
    }


@pytest.mark.parametrize("fault", ["lost", "odd"])
def test_a_message_whose_answer_was_lost_is_not_handed_over_again(
    carrier: ByNotify, notify: Notify, fault: str
) -> None:
    one, notify.fault = message(), fault
    with pytest.raises(NotTaken, match="answered"):
        carrier.take(one)
    notify.fault = ""
    carrier.take(one)
    assert len(notify.sent) == 1


@pytest.mark.parametrize("status", ["400", "403", "429", "500", "503"])
def test_what_is_refused_is_said_without_the_address_and_can_go_later(
    carrier: ByNotify, notify: Notify, caplog: pytest.LogCaptureFixture, status: str
) -> None:
    one, notify.fault = message(), status
    with caplog.at_level(logging.DEBUG, logger="hub"), pytest.raises(NotTaken, match=f"answered {status}") as problem:
        carrier.take(one)
    assert EMAIL not in f"{problem.value} {problem.value.__cause__} {caplog.text}"
    notify.fault = ""
    carrier.take(one)
    assert len(notify.sent) == 1


def test_another_key_and_a_server_that_is_gone_are_faults_of_the_attempt(carrier: ByNotify, notify: Notify) -> None:
    carrier.key.write_text(KEY[:-1] + "0")
    with pytest.raises(NotTaken, match="answered 403"):
        carrier.take(message())
    with pytest.raises(NotTaken, match="answered 503"):
        ByNotify(TEMPLATE, carrier.key, "http://127.0.0.1:9").take(message())
    assert notify.sent == []


@pytest.mark.parametrize("content", [None, "", "too short"])
def test_without_a_key_nothing_is_tried(carrier: ByNotify, notify: Notify, content: str | None) -> None:
    carrier.key.unlink()
    if content is not None:
        carrier.key.write_text(content)
    with pytest.raises(NotReady, match="secrets/updates/notify"):
        carrier.take(message())
    assert notify.asked == 0


def said(home: Path, **keys: Any) -> Settings:
    settings = read_settings({"HUB_HOME": str(home)})
    rules = {"since": "2026-12-01", "help": "Somebody helps"} | keys
    settings.updates.write_text(yaml.safe_dump({key: value for key, value in rules.items() if value is not None}))
    return settings


def test_the_rules_name_a_mail_server_or_notify(tmp_path: Path) -> None:
    rules = read_rules(said(tmp_path, **MAIL))
    assert rules is not None
    assert rules.carrier == ByMail("updates@hub.example", tmp_path / "secrets" / "updates" / "mail")
    rules = read_rules(said(tmp_path, notify={"template": TEMPLATE, "key": "notify"}))
    assert rules is not None
    assert rules.carrier == ByNotify(TEMPLATE, tmp_path / "secrets" / "updates" / "notify")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, "sender, server must be given, or notify"),
        ({"sender": "updates@hub.example"}, "server must be given, or notify"),
        ({**MAIL, "notify": {"template": TEMPLATE, "key": "notify"}}, "sender, server and notify exclude each other"),
        ({"notify": {"template": TEMPLATE}}, "notify must have the keys template, key"),
        ({"notify": {"template": TEMPLATE, "key": "notify", "more": 1}}, "notify must have the keys"),
        ({"notify": {"template": "first", "key": "notify"}}, "template must be the id"),
        ({"notify": {"template": TEMPLATE, "key": "../notify"}}, "notify: key must be the name of a file"),
        ({"notify": {"template": TEMPLATE, "key": "notify", "address": "http://notify.example"}}, "an https address"),
        (
            {"notify": {"template": TEMPLATE, "key": "notify", "address": "https://me@notify.example"}},
            "without a login",
        ),
        ({"notify": "yes"}, "notify must have the keys"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_by_key(tmp_path: Path, keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(RulesRefused, match=problem):
        read_rules(said(tmp_path, **keys))

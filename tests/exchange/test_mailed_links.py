"""Who takes dispatches by mail answers by a link in another mail, with a code that went to another mailbox."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import SMTP
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE
from dispatch.mail_desk import Desk
from dispatch.mail_receiver import SENDER, TO, Came, MailReceiver
from exchange.conftest import Exchange
from exchange.outside import ingested
from hub.dispatch import deciding
from hub.dispatch.recipients import RecipientRefused, read_recipient
from hub.exchange import tokens
from hub.exchange.answer_links import issue_link
from hub.exchange.mailed_links import Told, send_links
from hub.monitoring.watch import open_alerts
from hub.orchestration import watching

CODES = "duty-officer@police.example"
TRANSPORT = {
    "kind": "mail",
    "server": "london",
    "sender": SENDER,
    "to": TO,
    "encrypt_to": ["desk.asc"],
    "answer_link": {"address": "https://exchange.example/hub/", "code_to": CODES, "days": 7},
}


@dataclass
class Correspondence:
    """A force that takes mails, and what it reads in its two mailboxes."""

    exchange: Exchange
    desk: Desk
    receiver: MailReceiver
    read: int = 0
    links: list[str] = field(default_factory=list)

    def offered(self) -> uuid.UUID:
        """A dispatch that was mailed; the mail with the package is read."""
        dispatch_id = self.exchange.offered()
        self.read = len(self.receiver.mails)
        return dispatch_id

    def tell(self) -> Told:
        return send_links(self.exchange.hub.settings, clock=self.exchange.hub.now)

    def new(self) -> list[Came]:
        """Mails that came since the last look."""
        came, self.read = self.receiver.mails[self.read :], len(self.receiver.mails)
        return came

    def pair(self) -> tuple[str, str]:
        """The link's path and the code of the two mails that came."""
        code_mail, link_mail = self.new()
        assert (code_mail.to, link_mail.to) == ((CODES,), (TO,))
        words = message_from_bytes(code_mail.raw, policy=SMTP).get_content()
        inside = self.desk.inside(link_mail).get_content()
        [url] = re.findall(r"https://\S+", inside)
        assert url.startswith("https://exchange.example/hub/answer/hubl_")
        [code] = re.findall(r"\b\d{8}(?= is the code)", words)
        assert code not in inside
        assert url.rpartition("/")[2] not in words
        assert "hubl_" not in link_mail.raw.decode()
        path = url.removeprefix("https://exchange.example/hub")
        self.exchange.told.append(path.rpartition("/")[2])
        return path, code

    def answer(self, pair: tuple[str, str], **said: str) -> int:
        status: int = self.exchange.client.post(pair[0], data={"code": pair[1], **said}).status_code
        return status

    def follow(self) -> None:
        """What was answered is ingested, and the dispatch moves."""
        assert ingested(self.exchange.hub, "force_responses")
        self.exchange.hub.send()

    def alerts(self) -> list[str]:
        with self.exchange.hub.engine.connect() as connection:
            return [one.cause.key for one in open_alerts(connection) if one.cause.kind == "untold_link"]


@pytest.fixture
def post(exchange: Exchange) -> Iterator[Correspondence]:
    hub = exchange.hub
    desk = Desk(hub.settings.recipients / FORCE)
    desk.certificate()
    hub.recipient(FORCE, transport=TRANSPORT)
    (hub.settings.secrets / "recipients").mkdir()
    with MailReceiver() as receiver:
        (hub.settings.secrets / "recipients" / "london").write_text(f"{receiver.address}\n")
        yield Correspondence(exchange, desk, receiver)


def test_a_dispatch_is_answered_step_by_step_with_a_new_link_after_each_answer(post: Correspondence) -> None:
    post.offered()
    assert post.tell().count == {FORCE: 1}
    first = post.pair()
    assert post.answer(first) == 200
    assert post.answer(first, kind="acknowledged") == 200
    assert post.tell().count == {}, "the answer is not followed yet"
    post.follow()
    assert post.exchange.hub.way()[-1] == "acknowledged"
    assert post.tell().count == {FORCE: 1}
    second = post.pair()
    assert post.answer(first, kind="accepted") == 403
    assert post.answer((second[0], first[1]), kind="accepted") == 403
    assert post.answer(second, kind="returned", reason="The victim lives elsewhere.") == 200
    post.follow()
    assert post.exchange.hub.way()[-1] == "returned"
    assert (post.tell(), post.new()) == (Told(), [])


def test_a_clock_that_was_ahead_keeps_no_link_waiting_once_it_is_right(post: Correspondence) -> None:
    post.offered()
    post.exchange.hub.later(hours=48)
    post.receiver.faults.append("550 rcpt")
    assert FORCE in post.tell().problems
    post.exchange.hub.later(hours=-47)
    post.receiver.faults.append("550 rcpt")
    assert FORCE in post.tell().problems
    assert post.tell() == Told(), "not before some minutes have passed"
    post.exchange.hub.later(minutes=6)
    assert post.tell().count == {FORCE: 1}


def test_a_link_that_holds_is_not_followed_by_another_and_one_that_has_ended_is(post: Correspondence) -> None:
    post.offered()
    post.tell()
    first = post.pair()
    for hours in (0, 24, 24 * 5):
        post.exchange.hub.later(hours=hours)
        assert post.tell().count == {}
    post.exchange.hub.later(hours=25)
    assert post.tell().count == {FORCE: 1}
    assert post.pair()[0] != first[0]


@pytest.mark.parametrize("nth", [0, 1], ids=["code", "link"])
def test_what_is_not_taken_ends_the_link_and_comes_anew_later(post: Correspondence, nth: int) -> None:
    post.offered()
    post.receiver.faults.extend([""] * nth + ["550 rcpt"])
    assert "the mail server answered 550" in post.tell().problems[FORCE]
    post.new()
    assert _holding(post) == 0
    assert post.alerts() == [f"untold_link:{FORCE}"]
    assert watching.watch(post.exchange.hub.settings)["untold_link"] == 1
    assert post.tell() == Told(), "not before some minutes have passed"
    assert post.alerts() == [f"untold_link:{FORCE}"]
    post.exchange.hub.later(minutes=6)
    assert post.tell().count == {FORCE: 1}
    assert post.answer(post.pair(), kind="acknowledged") == 200
    assert post.alerts() == []


def test_tries_become_rare_and_never_end(post: Correspondence) -> None:
    post.offered()
    tries = list[datetime]()
    for _ in range(80):
        post.receiver.faults.append("550 rcpt")
        if post.tell().problems:
            tries.append(post.exchange.hub.now())
        post.receiver.faults.clear()
        post.exchange.hub.later(minutes=5)
    waits = [round((later - earlier).total_seconds() / 60) for earlier, later in pairwise(tries)]
    assert waits[:4] == [5, 10, 20, 40]
    assert set(waits[4:]) == {60}


def test_a_link_of_a_round_that_was_killed_ends_and_another_is_told(post: Correspondence) -> None:
    dispatch_id, hub = post.offered(), post.exchange.hub
    left = issue_link(hub.settings, hub.engine, dispatch_id, hub.now(), days=7, by="hub")
    post.exchange.told.append(left.token)
    hub.later(minutes=6)
    assert post.tell().count == {FORCE: 1}
    assert post.answer((left.path, left.code)) == 403
    assert post.answer(post.pair()) == 200
    assert _holding(post) == 1


def test_a_link_that_ended_by_wrong_codes_is_followed_by_another(post: Correspondence) -> None:
    post.offered()
    post.tell()
    path, code = post.pair()
    for _ in range(5):
        assert post.answer((path, f"{(int(code) + 1) % 10**8:08}")) == 403
    assert post.tell().count == {FORCE: 1}
    assert post.answer((path, code)) == 403
    assert post.answer(post.pair(), kind="acknowledged") == 200


def test_a_link_that_a_person_has_made_is_enough(post: Correspondence) -> None:
    dispatch_id, hub = post.offered(), post.exchange.hub
    made = issue_link(hub.settings, hub.engine, dispatch_id, hub.now(), days=7, by="ada")
    post.exchange.told.append(made.token)
    assert post.tell().count == {}
    tokens.revoke(hub.settings, hub.engine, made.token_id, hub.now(), by="ada")
    assert post.tell().count == {FORCE: 1}


def test_an_answer_by_a_link_that_a_person_then_ended_is_followed_before_another_comes(post: Correspondence) -> None:
    post.offered()
    post.tell()
    assert post.answer(post.pair(), kind="acknowledged") == 200
    hub = post.exchange.hub
    with hub.engine.connect() as connection:
        token_id: uuid.UUID = connection.execute(sa.text("select token_id from ledger.exchange_tokens")).scalar_one()
    tokens.revoke(hub.settings, hub.engine, token_id, hub.now(), by="ada")
    assert post.tell().count == {}
    post.follow()
    assert post.tell().count == {FORCE: 1}


def test_nothing_is_told_of_what_cannot_be_answered_or_to_whom_nothing_is_sent(post: Correspondence) -> None:
    dispatch_id, hub = post.offered(), post.exchange.hub
    deciding.pause(hub.engine, FORCE, because="their mailbox leaks", decided_by="ada")
    assert post.tell() == Told()
    deciding.resume(hub.engine, FORCE, decided_by="ada")
    deciding.withdraw(hub.engine, dispatch_id, because="sent in error", decided_by="ada")
    assert (post.tell(), post.new()) == (Told(), [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"code_to": TO}, r"line \d+: the code would go to the mailbox of the link \(rule: code_to\)"),
        ({"code_to": TO.upper()}, "the mailbox of the link"),
        ({"code_to": "nobody"}, "rule: pattern"),
        ({"address": "http://exchange.example"}, "rule: pattern"),
        ({"address": "https://exchange.example/\n"}, "rule: pattern"),
        ({"days": 0}, "rule: minimum"),
        ({"sms_to": "1"}, "rule: additionalProperties"),
    ],
)
def test_contracts_whose_links_could_not_be_told_apart_are_refused(
    post: Correspondence, change: dict[str, Any], problem: str
) -> None:
    hub = post.exchange.hub
    hub.recipient(FORCE, transport=TRANSPORT | {"answer_link": {**TRANSPORT["answer_link"], **change}})  # type: ignore[dict-item]
    with pytest.raises(RecipientRefused, match=problem):
        read_recipient(hub.settings.recipients / FORCE / "recipient.yaml")


def test_only_mail_has_links(post: Correspondence) -> None:
    hub = post.exchange.hub
    link = {"address": "https://exchange.example", "code_to": CODES}
    hub.recipient(FORCE, transport={"kind": "folder", "folder": FORCE, "answer_link": link})
    with pytest.raises(RecipientRefused, match="additionalProperties"):
        read_recipient(hub.settings.recipients / FORCE / "recipient.yaml")


def _holding(post: Correspondence) -> int:
    query = "select count(*) from ledger.exchange_tokens where revoked_at is null"
    with post.exchange.hub.engine.connect() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())

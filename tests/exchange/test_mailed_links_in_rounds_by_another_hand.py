"""What is decided, breaks or comes while a round of answer links is under way: a stranger's proof of docs/dispatch.md
and decisions 0163 and 0164."""

import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from dispatch.conftest import FORCE, Hub
from dispatch.mail_desk import Desk
from exchange.conftest import OTHER_FORCE
from exchange.mailed_links_world import APART, tell_and_die
from exchange.test_mailed_links import CODES, TRANSPORT, Correspondence, post
from hub.dispatch import deciding
from hub.exchange.mailed_links import Told, send_links
from hub.orchestration import watching

__all__ = ["post"]


def test_after_five_wrong_codes_comes_a_new_link(post: Correspondence) -> None:
    post.offered()
    post.tell()
    first = post.pair()
    for turn in range(5):
        assert post.answer((first[0], f"{(int(first[1]) + 1 + turn) % 10**8:08}")) == 403
    assert post.answer(first) == 403
    assert post.tell().count == {FORCE: 1}, "the link has ended, and there is something to answer"
    assert post.answer(post.pair(), kind="acknowledged") == 200


def at_the_second_look(hub: Hub, decide: Callable[[], object]) -> Callable[[], datetime]:
    """A clock; somebody decides while a round comes to its second dispatch."""
    looks = iter((0, 1))

    def clock() -> datetime:
        if next(looks, None) == 1:
            decide()
        return hub.now()

    return clock


def test_a_pause_holds_from_the_next_link_on_also_in_a_round_under_way(post: Correspondence) -> None:
    hub = post.exchange.hub
    for _ in range(3):
        post.offered()
    clock = at_the_second_look(hub, lambda: deciding.pause(hub.engine, FORCE, because="a leak", decided_by="ada"))
    assert send_links(hub.settings, clock=clock).count == {FORCE: 1}
    assert len(post.new()) == 2
    assert post.tell() == Told()
    deciding.resume(hub.engine, FORCE, decided_by="ada")
    assert post.tell().count == {FORCE: 2}


def test_what_is_withdrawn_in_a_round_under_way_gets_no_link_and_the_others_get_theirs(post: Correspondence) -> None:
    hub = post.exchange.hub
    for _ in range(3):
        post.offered()

    def withdraw() -> None:
        for one in hub.dispatches()[1:2]:
            deciding.withdraw(hub.engine, one.dispatch_id, because="x", decided_by="ada")

    told = send_links(hub.settings, clock=at_the_second_look(hub, withdraw))
    assert (told.count, told.problems, len(post.new())) == ({FORCE: 2}, {}, 4)


def _folder(hub: Hub) -> None:
    path = hub.settings.secrets / "recipients" / "london"
    path.unlink()
    path.mkdir()


BREAKS: dict[str, Callable[[Hub], object]] = {
    "its login is gone": lambda hub: (hub.settings.secrets / "recipients" / "london").unlink(),
    "its login is no address": lambda hub: (hub.settings.secrets / "recipients" / "london").write_text("nowhere"),
    "its login is a folder": _folder,
    "its certificate is gone": lambda hub: (hub.settings.recipients / FORCE / "desk.asc").unlink(),
    "its certificate is none": lambda hub: (hub.settings.recipients / FORCE / "desk.asc").write_text("x"),
    "its contract is gone": lambda hub: shutil.rmtree(hub.settings.recipients / FORCE),
    "its contract is refused": lambda hub: hub.recipient(FORCE, kind="forse"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_whatever_is_broken_of_one_recipient_the_other_gets_its_link(post: Correspondence, what: str) -> None:
    hub = post.exchange.hub
    other = Desk(hub.settings.recipients / OTHER_FORCE)
    other.certificate()
    secrets = hub.settings.secrets / "recipients"
    shutil.copy(secrets / "london", secrets / "leeds")
    link = {"address": "https://exchange.example", "code_to": CODES}
    hub.recipient(
        OTHER_FORCE, transport={**TRANSPORT, "server": "leeds", "to": "leeds@police.example", "answer_link": link}
    )
    post.exchange.offered()
    post.exchange.offered("force", OTHER_FORCE)
    post.new()
    BREAKS[what](hub)
    told = post.tell()
    assert told.count == {OTHER_FORCE: 1}
    code_mail, link_mail = post.new()
    assert (code_mail.to, link_mail.to) == ((CODES,), ("leeds@police.example",))
    assert watching.watch(hub.settings).get("untold_link", 0) == len(told.problems)
    assert str(hub.settings.home) not in str(told.problems)


@pytest.mark.parametrize("fault", ["dropped taken", "451 taken"])
def test_of_a_pair_that_came_and_was_not_heard_of_nothing_answers_once_the_next_comes(
    post: Correspondence, fault: str
) -> None:
    post.offered()
    post.receiver.faults.extend(["", fault])
    assert post.tell().count == {}
    unheard = post.pair()
    post.exchange.hub.later(minutes=6)
    assert post.tell().count == {FORCE: 1}
    assert post.answer(unheard) == 403
    assert post.answer(post.pair()) == 200


def test_of_a_pair_that_came_as_the_round_was_killed_nothing_answers_once_the_next_comes(
    post: Correspondence, tmp_path: Path
) -> None:
    post.offered()
    hub = post.exchange.hub
    post.receiver.faults.extend(["", "killed taken"])
    child = APART.Process(target=tell_and_die, args=(hub.settings, hub.ahead, 10**6, tmp_path / "log"))
    child.start()
    post.receiver.sender_pid = child.pid
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    unheard = post.pair()
    hub.later(minutes=6)
    assert post.tell().count == {FORCE: 1}
    assert post.answer(unheard) == 403
    assert post.answer(post.pair()) == 200


def test_of_rounds_at_once_one_mails_a_link(post: Correspondence) -> None:
    for _ in range(2):
        post.offered()
    with ThreadPoolExecutor(4) as pool:
        told = [one.result() for one in [pool.submit(post.tell) for _ in range(4)]]
    assert sum(one.count[FORCE] for one in told) == 2
    assert len(post.new()) == 4

"""Answers by links that come at once, whose process ends in between, or whose dispatch has moved on: a stranger's proof
of docs/exchange.md and decision 0158."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from lxml import html

from exchange.conftest import Exchange
from exchange.links import RETURNED, answer, link_to, send
from exchange.outside import ingested, waiting_files
from hub.dispatch import deciding
from hub.dispatch.answers import follow
from hub.dispatch.states import State
from hub.exchange import receiving
from hub.exchange.answer_links import IssuedLink
from hub.exchange.app import make_exchange


def test_two_processes_take_one_answer_by_one_link_and_another_by_a_token(exchange: Exchange) -> None:
    """Each application has a loop and connections of its own, as processes have."""
    dispatch_id = exchange.offered()
    link, token = link_to(exchange, dispatch_id), exchange.token().token
    said = {**RETURNED, "happened_at": "2026-03-03T09:30:00+00:00"}
    with ExitStack() as stack, ThreadPoolExecutor(6) as callers:
        clients = [stack.enter_context(TestClient(make_exchange(exchange.hub.settings))) for _ in range(2)]
        sent: list[Callable[[], httpx2.Response]] = [
            *(lambda one=one: send(exchange, link.path, {"code": link.code, **RETURNED}, one) for one in clients),
            *(
                lambda one=one: send(exchange, link.path, {"code": link.code, "kind": "accepted"}, one)
                for one in clients
            ),
            *[lambda: exchange.post(token, f"/v1/dispatches/{dispatch_id}/answers", json=said)] * 2,
        ]
        done = [one.status_code for one in callers.map(lambda ask: ask(), sent)]
    assert sorted(done[:4]) == [200, 403, 403, 403]
    assert sorted(done[4:]) == [200, 202]
    assert len(waiting_files(exchange.hub)) == 2
    assert sum(one.rows_accepted for one in ingested(exchange.hub, "force_responses")) == 2
    with exchange.hub.engine.begin() as connection:
        assert follow(connection, datetime.now(UTC)) == 1


DIES = """
import os, signal, sys
from fastapi.testclient import TestClient
from hub.exchange import receiving
from hub.exchange.app import make_exchange
from hub.settings import read_settings
put = receiving._put
def put_and_die(*said):
    put(*said)
    os.kill(os.getpid(), signal.SIGKILL)
receiving._put = put_and_die
path, code = sys.argv[1:]
TestClient(make_exchange(read_settings())).post(path, data={"code": code, "kind": "returned", "reason": "gone"})
"""


def killed_before_the_receipt(exchange: Exchange, link: IssuedLink) -> None:
    settings = exchange.hub.settings
    own = {
        "HUB_HOME": settings.home,
        "HUB_DROP": settings.drop,
        "HUB_PROJECT": settings.project,
        "HUB_WAREHOUSE_URL": settings.warehouse_url,
    }
    environment = os.environ | {name: str(value) for name, value in own.items()}
    died = subprocess.run([sys.executable, "-c", DIES, link.path, link.code], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL


def failed_before_the_receipt(exchange: Exchange, link: IssuedLink) -> None:
    put = receiving._put

    def put_and_fail(upload: receiving.Upload, target: Path) -> None:
        put(upload, target)
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiving, "_put", put_and_fail)
        assert answer(exchange, link, kind="returned", reason="gone").status_code == 500


@pytest.mark.parametrize(
    "breaks_off", [failed_before_the_receipt, pytest.param(killed_before_the_receipt, marks=pytest.mark.long)]
)
def test_what_is_sent_again_where_the_file_was_there_and_the_receipt_was_not_is_one_answer(
    exchange: Exchange, breaks_off: Callable[[Exchange, IssuedLink], None]
) -> None:
    link = link_to(exchange, exchange.offered())
    breaks_off(exchange, link)
    receiving.forget_unfinished(exchange.hub.settings)  # as the service does when it starts
    [orphan] = waiting_files(exchange.hub)
    assert answer(exchange, link).status_code == 200
    assert answer(exchange, link, **RETURNED).status_code == 409  # it waits to be read, and no file replaces it
    [first] = ingested(exchange.hub, "force_responses")
    assert not orphan.exists()
    assert answer(exchange, link, **RETURNED).status_code == 200
    [second] = ingested(exchange.hub, "force_responses")
    assert (first.rows_accepted, second.rows_accepted) == (1, 1)
    with exchange.hub.engine.connect() as connection:
        named: int = connection.exec_driver_sql(
            "select count(distinct response_ref) from raw.force_responses"
        ).scalar_one()
    assert named == 1  # the second corrects the first


def test_a_link_to_a_dispatch_that_has_moved_on_takes_nothing_that_would_move_nothing(exchange: Exchange) -> None:
    hub = exchange.hub
    closed, withdrawn, answered = exchange.offered(), exchange.offered(), exchange.offered()
    links = [link_to(exchange, one) for one in (closed, withdrawn, answered)]
    assert [answer(exchange, one).status_code for one in links] == [200] * 3
    deciding.write_down_answer(hub.engine, closed, State.CLOSED, because="by telephone", written_by="somebody")
    deciding.withdraw(hub.engine, withdrawn, because="a mistake", decided_by="somebody")
    said = {**RETURNED, "happened_at": "2026-03-03T09:30:00+00:00"}
    assert exchange.post(exchange.token().token, f"/v1/dispatches/{answered}/answers", json=said).status_code == 202
    ingested(hub, "force_responses")
    with hub.engine.begin() as connection:
        assert follow(connection, datetime.now(UTC)) == 1
    for link in links:
        late = answer(exchange, link, **RETURNED)
        assert (late.status_code, "Not taken" in late.text) == (409, True)
    assert not [link for link in links[:2] if html.fromstring(answer(exchange, link).text).xpath("//form")]
    allocation = hub.offer()
    hub.prepare()
    hub.send()
    old = link_to(exchange, hub.dispatches()[-1].dispatch_id)
    assert answer(exchange, old).status_code == 200
    hub.report(allocation)
    hub.prepare()
    gone = answer(exchange, old, **RETURNED)
    assert (gone.status_code, "newer dispatch" in gone.text, "AL-" in gone.text) == (410, True, False)
    assert waiting_files(hub) == []

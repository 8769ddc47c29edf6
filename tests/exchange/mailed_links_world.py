"""Two mailboxes of a recipient, and what happens between them, their hub and its exchange, step by step."""

import logging
import multiprocessing
import os
import random
import re
import signal
import smtplib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dispatch.conftest import FORCE
from dispatch.mail_desk import values
from dispatch.mail_receiver import TO, outside
from exchange.conftest import Exchange
from exchange.outside import ingested
from exchange.test_mailed_links import CODES, Correspondence
from hub.dispatch import deciding
from hub.dispatch.pauses import pauses
from hub.dispatch.rounds import utc_now
from hub.exchange import tokens
from hub.exchange.mailed_links import send_links
from hub.settings import Settings

APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__])
FAULTS = ("421 mail", "550 rcpt", "451 data", "dropped mail", "dropped data", "dropped taken", "451 taken")
CASE = re.compile(r"(?<![\w-])AL-\d{8}(?![\w-])")
"""Stands alone: the random part of a link may hold the same letters."""
NEXT = {"acknowledged": ("accepted", "returned", "transferred"), "accepted": ("outcome",)}
ANSWERABLE = ("sent", "delivered", "opened", "acknowledged", "accepted")
TABLES = """
    select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
    where schemaname in ('ledger', 'vault', 'audit')
"""
MOVED = (("exchange_tokens", ("issued_at", "expires_at", "revoked_at", "told_at")),
         ("exchange_receipts", ("received_at",)), ("dispatch_sends", ("tried_at", "next_at")),
         ("dispatch_moves", ("at", "written_at")), ("dispatches", ("prepared_at", "written_at")),
         ("recipient_pauses", ("paused_at", "resumed_at")))  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A link that came, with the last code before it of the same case."""

    case: str
    path: str
    code: str


@dataclass
class Desk:
    """Both mailboxes of the recipient, and what was done with what came."""

    post: Correspondence
    log: Path
    read: int = 0
    codes: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    pairs: list[Pair] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    count: dict[str, int] = field(default_factory=dict)

    @property
    def exchange(self) -> Exchange:
        return self.post.exchange

    def look(self) -> list[str]:
        """Read new mails; returns the cases to which a link came."""
        came, self.read = self.post.receiver.mails[self.read :], len(self.post.receiver.mails)
        links = list[str]()
        for one in came:
            if one.to == (CODES,):
                words = str(message_from_bytes(one.raw, policy=SMTP))
                [code], [case] = re.findall(r"\b\d{8}\b(?= is the code)", words), set(CASE.findall(words))
                assert "hubl_" not in words
                self.codes[case] = code
                self.secrets.add(code)
                self.nothing_personal(words, case)
                continue
            assert one.to == (TO,)
            assert "hubl_" not in outside(one.raw)
            inside = self.post.desk.inside(one)
            if inside.is_multipart():
                continue  # a dispatch itself
            words = inside.get_content()
            [path], [case] = (
                re.findall(r"https://exchange\.example/hub(/answer/hubl_\S+)", words),
                set(CASE.findall(words)),
            )
            self.secrets.add(path.rpartition("/")[2])
            self.exchange.told.append(path.rpartition("/")[2])
            assert not any(code in words for code in self.codes.values())
            self.nothing_personal(words + outside(one.raw), case)
            self.pairs.append(Pair(case, path, self.codes[case]))
            links.append(case)
        return links

    def nothing_personal(self, words: str, case: str) -> None:
        """Of the package only its number, and whether it is urgent."""
        with self.exchange.hub.engine.connect() as connection:
            query = sa.text("select package::json from ledger.dispatches where dispatch_number = :number")
            package: object = connection.execute(query, {"number": int(case[3:])}).scalar_one()
        told = {one for one in values(package) if len(one) > 8 or "-" in one} - {case}
        assert not [one for one in told if one in words]

    def ask(self, pair: Pair, code: str | None = None, **said: str) -> int:
        return self.post.answer((pair.path, code or pair.code), **said)

    def holding(self) -> dict[str, list[Pair]]:
        """The pairs that answer at this moment, by case."""
        found = dict[str, list[Pair]]()
        for pair in self.pairs:
            if self.ask(pair) == 200:
                found.setdefault(pair.case, []).append(pair)
        return found

    def states(self) -> dict[str, str]:
        return {one.allocation_ref: one.state.value for one in self.exchange.hub.dispatches()}


@dataclass
class World:
    """What happens between a hub and a desk."""

    desk: Desk
    chance: random.Random
    waiting: dict[str, str] = field(default_factory=dict)
    left_behind: set[str] = field(default_factory=set)
    """Cases of which a round that was killed may not have written down that it had told a link: the next ends it."""

    def __post_init__(self) -> None:
        self.hub = self.desk.exchange.hub
        self.faults = self.desk.post.receiver.faults

    def offer(self) -> None:
        self.hub.offer(is_threat_to_life=self.chance.random() < 0.2)
        self.hub.prepare()

    def send(self) -> None:
        self.hub.send(at_once=self.chance.random() < 0.5)

    def tell(self) -> None:
        """Nobody gets a link who must not."""
        self.desk.look()
        before, paused = self.desk.states(), self.is_paused()
        had = {case for case, pairs in self.desk.holding().items() if pairs}
        self.desk.post.tell()
        came = self.desk.look()
        assert not (came and paused)
        assert all(before[case] in ANSWERABLE for case in came), (before, came)
        assert len(set(came)) == len(came)
        assert not had & set(came) - self.left_behind, "a link that holds is enough"
        self.left_behind.clear()

    def fail(self) -> None:
        self.faults.extend([""] * self.chance.randrange(3) + [self.chance.choice(FAULTS)])

    def kill(self, left: int | None = None) -> None:
        """A round that is killed at some step."""
        self.faults.clear()
        step = self.chance.randrange(90) if left is None else left
        child = APART.Process(target=tell_and_die, args=(self.hub.settings, self.hub.ahead, step, self.desk.log))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        self.desk.count["killed"] = self.desk.count.get("killed", 0) + (child.exitcode != 0)
        self.left_behind.update(self.desk.look())

    def answer(self) -> None:
        """By one that holds; the same link takes no other answer."""
        for case, [pair, *_] in self.desk.holding().items():
            state = self.desk.states()[case]
            kinds = NEXT.get(state, ("acknowledged", "accepted", "returned"))
            kind = self.chance.choice(kinds)
            said = {"returned": {"reason": "x"}, "outcome": {"outcome_code": "1"},
                    "transferred": {"transferred_to_force_code": "E23000002"}}.get(kind, {})  # fmt: skip
            status = self.desk.ask(pair, kind=kind, **said)
            if case in self.waiting or state not in ANSWERABLE:
                assert status in (403, 409, 410), "an answer that waits to be read, or one too late"
                return
            assert status == 200
            assert self.desk.ask(pair, kind=kind, **said) == 403
            self.waiting[case] = {"outcome": "closed"}.get(kind, kind)
            self.desk.answered.add(pair.path)
            self.desk.count["answers"] = self.desk.count.get("answers", 0) + 1
            return

    def follow(self) -> None:
        """What was answered moves its dispatch, once."""
        expected, withdrawn = dict(self.waiting), ("withdrawn", "superseded")
        self.waiting.clear()
        assert sum(one.rows_accepted for one in ingested(self.hub, "force_responses")) == len(expected)
        self.hub.send()
        for case, state in expected.items():
            [one] = [one for one in self.hub.dispatches() if one.allocation_ref == case]
            assert one.state.value in (state, *withdrawn), (case, state, self.hub.way(one.number))

    def guess(self) -> None:
        """Somebody has a link and no code."""
        if holding := self.desk.holding():
            pair = self.chance.choice(list(holding.values()))[0]
            for turn in range(self.chance.choice((2, 5))):
                assert self.desk.ask(pair, f"{(int(pair.code) + 1 + turn) % 10**8:08}") == 403

    def pause(self) -> None:
        decide = deciding.resume if self.is_paused() else deciding.pause
        why = {} if self.is_paused() else {"because": "a leak"}
        assert decide(self.hub.engine, FORCE, decided_by="ada", **why)

    def is_paused(self) -> bool:
        with self.hub.engine.connect() as connection:
            return FORCE in pauses(connection)

    def withdraw(self) -> None:
        standing = [one for one in self.hub.dispatches() if one.state.value in ANSWERABLE]
        if len(standing) > 3:
            one = self.chance.choice(standing)
            deciding.withdraw(self.hub.engine, one.dispatch_id, because="an error", decided_by="ada")

    def revoke(self) -> None:
        query = "select token_id from ledger.exchange_tokens where revoked_at is null"
        with self.hub.engine.connect() as connection:
            found = [uuid.UUID(str(one)) for one in connection.scalars(sa.text(query))]
        if found:
            tokens.revoke(self.hub.settings, self.hub.engine, self.chance.choice(found), self.hub.now(), by="ada")

    def wait(self, hours: float | None = None) -> None:
        """All that is known becomes older, which is the same as that time passes, for the database too."""
        passed = timedelta(hours=hours or self.chance.choice((0.1, 0.5, 2, 24, 24 * 5)))
        self.follow()  # it is read within minutes
        with self.hub.engine.begin() as connection:
            for table, columns in MOVED:
                connection.exec_driver_sql(f"alter table ledger.{table} disable trigger user")
                older = ", ".join(f"{one} = {one} - :passed" for one in columns)
                connection.execute(sa.text(f"update ledger.{table} set {older}"), {"passed": passed})
                connection.exec_driver_sql(f"alter table ledger.{table} enable trigger user")

    def check(self) -> None:
        self.desk.look()
        for case, pairs in self.desk.holding().items():
            assert len(pairs) == 1, f"two links answer {case}"
            assert pairs[0].path not in self.desk.answered

    def end(self) -> None:
        """Faults and pauses are over."""
        self.faults.clear()
        if self.is_paused():
            self.pause()
        self.follow()
        for _ in range(3):
            self.wait(hours=1.1)
            self.hub.send(at_once=True)
            self.tell()
        holding, states = self.desk.holding(), self.desk.states()
        assert holding.keys() >= {case for case, state in states.items() if state in ANSWERABLE}
        assert not [state for state in states.values() if state in ("prepared", "failed")]
        self.check()
        self.tell()
        self.nothing_in_clear()

    def nothing_in_clear(self) -> None:
        """Neither in a table of the hub's own nor in what its process that was killed has logged."""
        with self.hub.engine.connect() as connection:
            tables: list[str] = list(connection.scalars(sa.text(TABLES)))
            texts = [connection.scalars(sa.text(f"select t::text from {one} as t")).all() for one in tables]
            rows = [str(row) for found in texts for row in found]
        assert rows
        logged = self.desk.log.read_text() if self.desk.log.exists() else ""
        for secret in self.desk.secrets:
            assert secret not in logged
            assert not [row[:200] for row in rows if re.search(rf"(?<![0-9a-f]){secret}(?![0-9a-f])", row)]


def tell_and_die(settings: Settings, ahead: timedelta, left: int, log: Path) -> None:
    """A round of links whose process dies before a statement, a commit, or a word to the mail server."""

    logging.basicConfig(filename=log, level=logging.DEBUG, force=True)
    steps = iter(range(left))

    def step(*_: Any, **__: Any) -> None:
        if next(steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    for event in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sa.event.listen(sa.Engine, event, step)
    for name in ("putcmd", "getreply"):
        real = getattr(smtplib.SMTP, name)

        def counted(*arguments: Any, real: Callable[..., Any] = real, **named: Any) -> Any:
            step()
            return real(*arguments, **named)

        setattr(smtplib.SMTP, name, counted)
    send_links(settings, clock=lambda: utc_now() + ahead)

"""What goes wrong at a recipient for a turn, each kind as often as any other."""

import random
from collections.abc import MutableSequence
from contextlib import ExitStack
from threading import Timer

from dispatch.sftp_server import make_key
from proofs.dispatch_world import line, post, web
from proofs.dispatch_world.recipients import (
    FOLDER,
    GONE,
    KINDS,
    PGP_MAIL,
    PULL,
    PULL_PROVIDER,
    SFTP,
    SHARE,
    SMIME_MAIL,
    WEB,
    WEB_PROVIDER,
    Recipients,
)
from proofs.dispatch_world.record import Record

FULL_DISK, NOT_MOUNTED = "full disk", "share not mounted"
SERVER_KILLED, OTHER_KEY, NO_PERMISSION = "server killed", "another host key", "no permission"
AT_EXCHANGE = {f"{code} at the exchange": code for code in (PULL, PULL_PROVIDER, WEB)}
ALL: dict[str, tuple[str, ...]] = {
    FOLDER: (FULL_DISK,),
    SHARE: (FULL_DISK, NOT_MOUNTED),
    SFTP: (*line.LINE_FAULTS, SERVER_KILLED, OTHER_KEY, NO_PERMISSION),
    **dict.fromkeys((WEB, WEB_PROVIDER), (*line.LINE_FAULTS, *web.WEB_FAULTS)),
    **dict.fromkeys((PGP_MAIL, SMIME_MAIL), (*line.LINE_FAULTS, *post.MAIL_FAULTS)),
    **dict.fromkeys(AT_EXCHANGE, (*line.LINE_FAULTS, SERVER_KILLED)),
}
FULL_AFTER = (700, 3_000, 12_000)
"""A package has some 3,000 bytes, its PDF ten times as many."""
LONGEST_CUT = {SFTP: 100_000, PGP_MAIL: 60_000, SMIME_MAIL: 60_000, WEB: 8_000, WEB_PROVIDER: 8_000}
LONGEST_CUT_AT_EXCHANGE = 4_000


class Faults:
    """Draws for each recipient from all that can happen to it, until everything has; in a ``share`` of its turns. What
    did not come to pass, since too little was sent to the recipient, is drawn again the next time."""

    def __init__(self, recipients: Recipients, record: Record, chance: random.Random, share: float) -> None:
        self.recipients, self.record, self.chance, self.share = recipients, record, chance, share
        self.largest_file: int | None = None
        self._timers: list[Timer] = []
        self._decks: dict[str, list[str]] = {}
        gone = recipients.lines[GONE].with_fault(line.LineFault(line.REFUSED))
        recipients.stack.enter_context(gone)

    def begin(self, stack: ExitStack) -> dict[str, str]:
        """What goes wrong until ``stack`` ends."""
        self.largest_file = None
        chosen: dict[str, str] = {}
        for name, kinds in ALL.items():
            if self.chance.random() < self.share:
                deck = self._decks.setdefault(name, [])
                if not deck:
                    deck.extend(self.chance.sample(kinds, len(kinds)))
                chosen[name] = deck.pop()
                self._begin(name, chosen[name], stack)
        return chosen

    def begin_to_fetch(self) -> None:
        """Recipients fetch now: what goes wrong with the exchange goes wrong meanwhile."""
        for timer in self._timers:
            timer.start()

    def _begin(self, name: str, kind: str, stack: ExitStack) -> None:
        if kind in line.LINE_FAULTS:
            after = int(self.chance.random() ** 2 * LONGEST_CUT.get(name, LONGEST_CUT_AT_EXCHANGE))
            stack.enter_context(self.recipients.lines[name].with_fault(line.LineFault(kind, after)))
        elif name in self.recipients.web_desks:
            self._wait_for_requests(name, kind, self.recipients.web_desks[name].faults, stack)
        elif name in self.recipients.mail_desks:
            mailbox = self.recipients.mail_desks[name]
            before = dict(mailbox.server.met)
            stack.callback(lambda: mailbox.count_faults(before))
            self._wait_for_requests(name, kind, mailbox.server.faults, stack)
        elif kind == FULL_DISK:
            self.largest_file = self.chance.choice(FULL_AFTER)
            self.record.met[kind] += 1
        elif kind == NOT_MOUNTED:
            self._unmount(stack)
        elif name in AT_EXCHANGE:
            self._kill_the_exchange(stack)
        else:
            self._trouble_the_sftp_server(kind, stack)

    def _wait_for_requests(self, name: str, kind: str, faults: MutableSequence[str], stack: ExitStack) -> None:
        faults.extend([""] * self.chance.randint(0, 2) + [kind])

        def end() -> None:
            if kind in faults:
                self._decks[name].append(kind)
            faults.clear()

        stack.callback(end)

    def _unmount(self, stack: ExitStack) -> None:
        """The folder is there and empty, as a place where a share was mounted."""
        shelf = self.recipients.shelves[SHARE]
        away = shelf.folder.with_name("away")
        shelf.lock.acquire()
        shelf.folder.rename(away)
        shelf.folder.mkdir()

        def mount() -> None:
            shelf.folder.rmdir()
            away.rename(shelf.folder)
            shelf.lock.release()

        stack.callback(mount)
        self.record.met[NOT_MOUNTED] += 1

    def _kill_the_exchange(self, stack: ExitStack) -> None:
        if self._timers:
            return
        server = self.recipients.server
        self._timers.append(timer := Timer(self.chance.uniform(0.0, 0.3), server.kill))

        def start_again() -> None:
            timer.join()
            self._timers.clear()
            server.kill_and_wait()
            server.start()
            self.record.met[f"exchange {SERVER_KILLED}"] += 1

        stack.callback(start_again)

    def _trouble_the_sftp_server(self, kind: str, stack: ExitStack) -> None:
        server, recipients = self.recipients.sftp, self.recipients
        self.record.met[f"sftp {kind}"] += 1
        if kind == SERVER_KILLED:
            timer = Timer(self.chance.uniform(0.1, 1.0), server.stop)
            stack.callback(recipients.start_sftp)
            stack.callback(timer.join)
            timer.start()
        elif kind == OTHER_KEY:
            known = recipients.contract(SFTP)["host_keys"]
            recipients.transport(SFTP, host_keys=[make_key(server.home / "other")])
            stack.callback(lambda: recipients.transport(SFTP, host_keys=known))
        else:
            staging = server.folder / ".staging"
            staging.chmod(0o555)
            stack.callback(lambda: staging.chmod(0o755))


assert {code for code in KINDS if code != GONE} <= {*ALL, *AT_EXCHANGE.values()}

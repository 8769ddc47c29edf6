"""Keys that change while dispatches are on their way, by the steps of docs/dispatch.md: the new one beside the old,
then the other side changes, then the old one is taken out."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

from dispatch.sftp_server import make_key
from hub.exchange import tokens
from proofs.dispatch_world.recipients import (
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
from proofs.dispatch_world.web import new_secret

STEPS = 3


class Rotations:
    """Each kind of key, and how far its change has come."""

    def __init__(self, recipients: Recipients, record: Record) -> None:
        self.recipients, self.record = recipients, record
        self.count = 0
        self.changes: dict[str, Callable[[int], None]] = {
            "sftp host key": self._host_key,
            "sftp key of the hub": self._hubs_key,
            **{f"webhook secret of {code}": self._secret_of(code) for code in (WEB, WEB_PROVIDER)},
            **{f"certificate of {code}": self._certificate_of(code) for code in (SHARE, SFTP, PGP_MAIL, SMIME_MAIL)},
            **{f"token of {code}": self._token_of(code) for code in (PULL, PULL_PROVIDER, WEB)},
        }
        self.done = dict.fromkeys(self.changes, 0)

    def step(self, chance: random.Random, share: float = 0.35) -> None:
        """Some changes of keys go a step further."""
        for name in self.changes:
            if chance.random() < share:
                self._step(name)

    def finish(self) -> None:
        """Bring each change that has begun to its end, and each kind to one change at least."""
        for name in self.changes:
            while self.done[name] % STEPS or not self.done[name]:
                self._step(name)

    def _step(self, name: str) -> None:
        self.changes[name](self.done[name] % STEPS)
        self.done[name] += 1
        self.record.met[f"key changed: {name}"] += self.done[name] % STEPS == 0

    def _secret_of(self, code: str) -> Callable[[int], None]:
        path, secrets = self.recipients.secrets / code, [self.recipients.web_desks[code].secret]

        def change(step: int) -> None:
            if step == 0:
                self.count += 1
                secrets.append(new_secret(f"secret {self.count} of {code} for tests".encode()))
                path.write_text(f"{secrets[-1]}\n{secrets[-2]}\n")
            elif step == 1:
                self.recipients.web_desks[code].secret = secrets[-1]
            else:
                path.write_text(f"{secrets[-1]}\n")

        return change

    def _certificate_of(self, code: str) -> Callable[[int], None]:
        def change(step: int) -> None:
            if step != 1:
                self.recipients.rings[code].change()

        return change

    def _host_key(self, step: int) -> None:
        """The contract names both, the server changes its own, the contract names the new one alone."""
        server = self.recipients.sftp
        if step == 0:
            self._new_host_key = make_key(server.home / "next_host_key")
            known = self.recipients.contract(SFTP)["host_keys"]
            self.recipients.transport(SFTP, host_keys=[*known, self._new_host_key])
        elif step == 1:
            server.stop()
            (server.home / "next_host_key").replace(server.home / "host_key")
            self.recipients.start_sftp()
        else:
            self.recipients.transport(SFTP, host_keys=[self._new_host_key])

    def _hubs_key(self, step: int) -> None:
        """Both private keys are in the file, the server's operator changes theirs, the old one is taken out."""
        path, server = self.recipients.secrets / "sftp", self.recipients.sftp
        if step == 0:
            self._public = make_key(server.home / "next_key")
            path.write_text(path.read_text() + (server.home / "next_key").read_text())
        elif step == 1:
            server.accept(self._public)
            server.hand_over(server.home / "authorized_keys")
        else:
            path.write_text((server.home / "next_key").read_text())

    def _token_of(self, code: str) -> Callable[[int], None]:
        def change(step: int) -> None:
            if step == 0:
                self.recipients.pullers[code].token = self.recipients.new_token(code)
            elif step == 1:
                settings, engine = self.recipients.hub.settings, self.recipients.hub.engine
                *old, _ = self.recipients.tokens[code]
                for one in old:
                    tokens.revoke(settings, engine, one.token_id, datetime.now(UTC), by="tests")

        return change

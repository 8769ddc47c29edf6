"""OpenSSH's SFTP server on the loopback address, with keys and a folder of its own, as an account without rights."""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import psutil
import pytest

from conftest import free_port
from hub.dispatch.transports.sftp import Server, Sftp

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_sshd = pytest.mark.skipif(SSHD is None, reason="needs OpenSSH's server (Debian: apt-get install openssh-server)")
ACCOUNT = "nobody" if os.getuid() == 0 else getpass.getuser()
LARGEST = 100_000
STARTED_WITHIN_SECONDS = 20


class SftpServer:
    """A server whose account sees ``folder``; the hub's own key is ``key``."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.key = home, home / "folder", home / "hub_key"
        self.port = free_port()
        for one in (self.folder, self.folder / ".staging"):
            one.mkdir()
        self.host_keys = [self.change_host_key()]
        self.public_key = make_key(self.key)
        self.accept(self.public_key)
        self.process: subprocess.Popen[bytes] | None = None

    def change_host_key(self, kind: str = "ssh-ed25519") -> str:
        """Give the server another key, from its next start on; returns the public one."""
        return make_key(self.home / "host_key", kind)

    def accept(self, *public_keys: str) -> None:
        """Say who may come in."""
        (self.home / "authorized_keys").write_text("".join(f"{one}\n" for one in public_keys))

    def start(self) -> None:
        """Serve, and return when somebody can come in."""
        settings = self.home / "sshd_config"
        settings.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.home}/host_key\nPidFile none\n"
            f"AuthorizedKeysFile {self.home}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nMaxStartups 100\nPerSourcePenalties no\nLogLevel ERROR\n"
            "Subsystem sftp internal-sftp\nForceCommand internal-sftp\n"
        )
        self._give_to_account()
        account: dict[str, Any] = {"user": ACCOUNT, "group": _group(), "extra_groups": []} if os.getuid() == 0 else {}
        assert SSHD is not None
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(settings)], stderr=subprocess.DEVNULL, **account)
        until = time.monotonic() + STARTED_WITHIN_SECONDS
        while not self._listens():
            assert self.process.poll() is None, "the server has ended"
            assert time.monotonic() < until
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill the server and each of its connections, wherever they are."""
        for one in self._processes():
            with suppress(psutil.NoSuchProcess):  # a connection has ended just now
                one.kill()
        if self.process is not None:
            self.process.wait()
            self.process = None

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Let the server take connections and say nothing."""
        for one in (stopped := self._processes()):
            one.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for one in stopped:
                one.send_signal(signal.SIGCONT)

    def transport(self, **said: Any) -> dict[str, Any]:
        """What a contract says of it."""
        known = {"host": "127.0.0.1", "port": self.port, "user": ACCOUNT, "folder": str(self.folder)}
        return {"kind": "sftp", **known, "key": self.key.name, "host_keys": self.host_keys, **said}

    def files(self, *, patience: float = 10.0, longest: float = 60.0, **said: Any) -> Sftp:
        """The hub's view of the folder."""
        server = Server.of(self.transport(**said), self.home)
        return Sftp(server, largest=LARGEST, patience=patience, longest=longest)

    def put_answers(self, name: str, content: str, *, quiet_seconds: float = 60.0) -> Path:
        """Let a file with answers lie there for a while."""
        path = self.folder / "answers" / name
        path.write_text(content)
        self.hand_over(path)
        when = time.time() - quiet_seconds
        os.utime(path, (when, when))
        return path

    def hand_over(self, path: Path) -> None:
        """Let a file be the account's."""
        if os.getuid() == 0:
            shutil.chown(path, ACCOUNT, _group())

    def documents(self) -> list[Path]:
        """What lies there to be taken."""
        return sorted(self.folder.glob("*-*-*-*.json"))

    def _processes(self) -> list[psutil.Process]:
        if self.process is None:
            return []
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _give_to_account(self) -> None:
        for path in (self.home, *self.home.rglob("*")):
            self.hand_over(path)


def make_key(path: Path, kind: str = "ssh-ed25519") -> str:
    """Write a private key; returns the public one."""
    key = asyncssh.generate_private_key(kind)
    path.touch(mode=0o600)
    key.write_private_key(path)
    return key.export_public_key().decode().strip()


@contextmanager
def sftp_server() -> Iterator[SftpServer]:
    """A server that runs, in a folder that its account can reach."""
    home = Path(tempfile.mkdtemp(prefix="hub-sftp-"))
    server = SftpServer(home)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(home)


def _group() -> int:
    return pwd.getpwnam(ACCOUNT).pw_gid

"""The pick-up folder on an SFTP server, the recipient's own or one between the two.

The server is known by a key in the recipient's contract and by nothing else; the hub shows a key of its own. All that
is asked of it ends by a limit. What a server answers is the recipient's: names and sizes are not trusted, and its own
words are not passed on.
"""

import asyncio
import errno
import os
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncssh
from asyncssh import SFTPClient

from hub.dispatch.transports import TransientFault
from hub.dispatch.transports.pickup import ANSWERS, LONGEST_RECEIPT, STAGING
from hub.ingest.dropped_files import BLOCK_BYTES, FOREIGN_QUIET_SECONDS, is_name_of_whole_file

PATIENCE_SECONDS, LONGEST_TURN_SECONDS = 20.0, 240.0
"""How long one request may take, and all of a round together."""
CLOCK = f"{STAGING}/clock"
"""The hub writes this file to learn what time it is on the server."""
PART = ".part"
"""The file that is being written in a folder, one at a time."""
WORDS: Mapping[type[Exception], str] = {
    asyncssh.SFTPPermissionDenied: "it refuses the permission",
    asyncssh.SFTPNoSuchFile: "there is no such file or folder",
    asyncssh.SFTPNoSpaceOnFilesystem: "its disk is full",
    asyncssh.SFTPQuotaExceeded: "the quota is used up",
    asyncssh.SFTPFailure: "it cannot do what is asked, as with a full disk",
    asyncssh.HostKeyNotVerifiable: "its host key is none of those in the contract",
    asyncssh.KeyExchangeFailed: "it has no host key of a kind in the contract, or none of the same ciphers",
    asyncssh.PermissionDenied: "it does not accept the hub's key",
    TimeoutError: "it does not answer in time",
}


@dataclass(frozen=True)
class Server:
    """Where the folder is, who the hub is there, and by which keys (as in a ``.pub`` file) the server is known: two
    while it changes its own. ``key`` is a file of private keys, also two while the hub's is changed."""

    host: str
    port: int
    user: str
    folder: str
    host_keys: tuple[str, ...]
    key: Path

    @classmethod
    def of(cls, said: Mapping[str, Any], secrets: Path) -> Self:
        """From the transport of a contract."""
        keys = tuple(said["host_keys"])
        return cls(said["host"], said.get("port", 22), said["user"], said["folder"], keys, secrets / said["key"])


class Sftp:
    """The files of the folder, by one connection, which is opened by the first request and serves one round. Each
    request may take ``patience`` seconds, and all together ``longest``; ``largest`` is how many bytes a file with
    answers may have."""

    place = "the SFTP server"

    def __init__(
        self,
        server: Server,
        *,
        largest: int,
        patience: float = PATIENCE_SECONDS,
        longest: float = LONGEST_TURN_SECONDS,
    ) -> None:
        self.server, self.largest, self.patience, self.longest = server, largest, patience, longest
        self.runner = asyncio.Runner()
        self.ends_at: float | None = None
        self.connection: asyncssh.SSHClientConnection | None = None
        self.client: SFTPClient | None = None
        self.broken: TransientFault | None = None

    def prepare(self) -> None:
        """The operator has made the folder and its ``.staging``: so a share that is not mounted on the server is
        known."""
        if not self._ask(lambda client: client.isdir(self._path(STAGING))):
            raise TransientFault(f"{self.place}: its folder has no {STAGING}: another folder, not mounted, or new")
        if not self._ask(lambda client: client.isdir(self._path(ANSWERS))):
            self._ask(lambda client: client.mkdir(self._path(ANSWERS)))

    def put(self, path: str, content: bytes) -> None:
        """The name is given when the file is whole. The part that an earlier attempt has left is removed first: what
        that attempt still writes late goes to the removed file, and cannot spoil this one."""

        async def write(client: SFTPClient) -> None:
            part = self._path(f"{path.rpartition('/')[0] or '.'}/{PART}")
            await _remove(client, part)
            async with client.open(part, "xb") as file:
                await file.write(content)
                with suppress(asyncssh.SFTPOpUnsupported):
                    await file.fsync()
            await _rename(client, part, self._path(path))

        self._ask(write)

    def rename(self, path: str, to: str) -> None:
        """At once where the server can."""
        self._ask(lambda client: _rename(client, self._path(path), self._path(to)))

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name."""
        return self._ask(lambda client: client.lexists(self._path(path)))

    def names(self) -> Collection[str]:
        """What lies in the folder itself."""
        return {str(one.filename) for one in self._ask(lambda client: client.readdir(self._path(".")))}

    def start_of(self, path: str) -> bytes | None:
        """The first bytes of a plain file."""

        async def read(client: SFTPClient) -> bytes | None:
            if (await client.lstat(self._path(path))).type != asyncssh.FILEXFER_TYPE_REGULAR:
                return None
            async with client.open(self._path(path), "rb") as file:
                start: bytes = await file.read(LONGEST_RECEIPT)
                return start

        return self._ask(read)

    def whole_answers(self) -> Collection[str]:
        """Those that were quiet for a while by the server's own clock."""

        async def look(client: SFTPClient) -> list[str]:
            if not await client.isdir(self._path(ANSWERS)):
                return []
            listed = [one for one in await client.readdir(self._path(ANSWERS)) if _is_taken(str(one.filename))]
            plain = [one for one in listed if one.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR]
            if any(one.attrs.mtime is None for one in plain):
                raise OSError(errno.ENOTSUP, "it does not say when files were written, so which are whole is not known")
            now = await self._now(client) if plain else 0
            return [str(one.filename) for one in plain if abs(now - (one.attrs.mtime or 0)) >= FOREIGN_QUIET_SECONDS]

        return self._ask(look)

    def fetch_answers(self, name: str, to: Path) -> bool:
        """Read block by block; size and time are the same before and after, or somebody writes to it."""

        async def fetch(client: SFTPClient) -> bool:
            path = self._path(f"{ANSWERS}/{name}")
            before = await client.lstat(path)
            size = before.size or 0
            if size > self.largest:
                raise OSError(errno.EFBIG, f"a file with answers is larger than {self.largest} bytes")
            async with client.open(path, "rb") as source:
                with to.open("wb") as copy:
                    for start in range(0, size, BLOCK_BYTES):
                        block: bytes = await source.read(min(BLOCK_BYTES, size - start), start)
                        copy.write(block)
            after = await client.lstat(path)
            return (after.size, after.mtime) == (before.size, before.mtime) and to.stat().st_size == size

        return self._ask(fetch, self.longest)

    def remove(self, path: str) -> None:
        """Take a file away."""
        self._ask(lambda client: _remove(client, self._path(path)))

    def close(self) -> None:
        """End the connection."""
        if self.connection is not None:
            self.connection.abort()
            self.connection = self.client = None
        self.runner.close()

    def _path(self, path: str) -> str:
        return f"{self.server.folder}/{path}"

    def _ask[T](self, request: Callable[[SFTPClient], Coroutine[Any, Any, T]], patience: float | None = None) -> T:
        """Do something on the server, within the limits. Once the connection is broken it stays so for this round."""
        if self.broken is not None:
            raise self.broken
        now = time.monotonic()
        self.ends_at = self.ends_at or now + self.longest
        seconds = min(patience or self.patience, self.ends_at - now)
        try:
            return self.runner.run(asyncio.wait_for(self._on_client(request), seconds))
        except asyncssh.SFTPError as error:
            fault = _fault(error)
            if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
                self.broken = fault
            raise fault from None
        except (asyncssh.Error, TimeoutError, ConnectionError) as error:
            self.broken = _fault(error)
            raise self.broken from None

    async def _on_client[T](self, request: Callable[[SFTPClient], Coroutine[Any, Any, T]]) -> T:
        if self.client is None:
            self.client = await self._connect()
        return await request(self.client)

    async def _connect(self) -> SFTPClient:
        server = self.server
        try:
            trusted = [asyncssh.import_public_key(one) for one in server.host_keys]
        except asyncssh.KeyImportError:
            raise self._cannot("a host key in the contract is no key") from None
        try:
            own = asyncssh.read_private_key_list(server.key)
        except (OSError, ValueError):
            own = []
        if not own:
            raise self._cannot(f"no key can be read from {server.key.name} under secrets/recipients")
        try:
            self.connection = await asyncssh.connect(
                server.host,
                server.port,
                username=server.user,
                client_keys=own,
                known_hosts=(trusted, [], []),
                # Nothing of the account that the hub runs as: neither its settings nor its agent.
                config=None,
                agent_path=None,
                preferred_auth="publickey",
            )
        except (ConnectionResetError, asyncssh.ConnectionLost):
            # A server says no more to somebody who knows no key of its kinds.
            raise self._cannot("it ends the connection at once: busy, or no host key of a known kind") from None
        except OSError as error:
            raise self._cannot(f"it cannot be reached: {_system_words(error)}") from None
        return await self.connection.start_sftp_client(path_errors="surrogateescape")

    def _cannot(self, why: str) -> TransientFault:
        self.broken = TransientFault(f"{self.place}: {why}")
        return self.broken

    async def _now(self, client: SFTPClient) -> int:
        async with client.open(self._path(CLOCK), "wb") as file:
            await file.write(b"now")
        return (await client.lstat(self._path(CLOCK))).mtime or 0


async def _remove(client: SFTPClient, path: str) -> None:
    if await client.lexists(path):
        with suppress(asyncssh.SFTPNoSuchFile):
            await client.remove(path)


async def _rename(client: SFTPClient, path: str, to: str) -> None:
    try:
        await client.posix_rename(path, to)
    except asyncssh.SFTPOpUnsupported:
        if await client.lexists(to):
            await client.remove(to)
        await client.rename(path, to)


def _is_taken(name: str) -> bool:
    """Whether a server's name for a file is one that a folder here can have, and says that the file is whole."""
    return "/" not in name and "\0" not in name and name not in ("", ".", "..") and is_name_of_whole_file(name)


def _fault(error: Exception) -> TransientFault:
    known = (words for kind, words in WORDS.items() if isinstance(error, kind))
    return TransientFault(f"{Sftp.place}: {next(known, f'the connection ended ({type(error).__name__})')}")


def _system_words(error: OSError) -> str:
    """The system's own words: those of a library name the address."""
    is_number = error.errno is not None and error.errno in errno.errorcode
    return os.strerror(error.errno) if is_number and error.errno is not None else type(error).__name__

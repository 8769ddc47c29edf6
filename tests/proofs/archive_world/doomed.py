"""Steps of a hub in a process of its own, which kills or stops itself at a chosen moment."""

import functools
import multiprocessing
import os
import signal
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, event

from hub.cli import archive
from hub.contracts.model import read_catalogue
from hub.ingest.ingest import ingest_delivery
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.settings import Settings
from hub.store.bucket import BucketStore
from hub.store.folder import FolderStore
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

FEED = "provider_statements"
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["proofs.archive_world.preloaded"])


class Moment(StrEnum):
    """When it happens: around one of the files that go to the archive, or around the commit of what lists them."""

    BEFORE_PUT = "before a file is put"
    AFTER_PUT = "after a file is put"
    BEFORE_COMMIT = "before the commit"
    AFTER_COMMIT = "after the commit"
    BEFORE_REMOVE = "before a file is removed"
    AFTER_REMOVE = "after a file is removed"


@dataclass(frozen=True)
class Doom:
    """The signal that comes at the n-th time of a moment; a commit counts once files of the archive were put."""

    moment: Moment
    count: int = 1
    signal: int = signal.SIGKILL


@dataclass
class _Fate:
    doom: Doom
    put: int = 0
    seen: int = 0
    is_committed: bool = False

    def meet(self, moment: Moment) -> None:
        if moment is self.doom.moment:
            self.seen += 1
            if self.seen == self.doom.count:
                os.kill(os.getpid(), self.doom.signal)

    def around(self, do: Callable[..., Any], before: Moment, after: Moment) -> Callable[..., Any]:
        """The method of a store, with this fate around it where the file is one of the archive."""

        @functools.wraps(do)
        def done(store: object, name: str, *given: object) -> Any:
            if not name.endswith(".parquet"):
                return do(store, name, *given)
            self.meet(before)
            answer = do(store, name, *given)
            self.put += after is Moment.AFTER_PUT
            self.meet(after)
            return answer

        return done

    def before_commit(self, _connection: object) -> None:
        """Called by SQLAlchemy."""
        if self.put:
            self.meet(Moment.BEFORE_COMMIT)
            self.is_committed = True

    def after_commit(self, *_connection: object) -> None:
        """Called by SQLAlchemy where a connection comes back to its pool: the first one after a commit."""
        if self.is_committed:
            self.is_committed = False
            self.meet(Moment.AFTER_COMMIT)


def _await_fate(doom: Doom) -> None:
    fate = _Fate(doom)
    for store in (FolderStore, BucketStore):
        for name, before, after in (
            ("keep", Moment.BEFORE_PUT, Moment.AFTER_PUT),
            ("put", Moment.BEFORE_PUT, Moment.AFTER_PUT),
            ("remove", Moment.BEFORE_REMOVE, Moment.AFTER_REMOVE),
        ):
            setattr(store, name, fate.around(getattr(store, name), before, after))
    event.listen(Engine, "commit", fate.before_commit)
    event.listen(Pool, "checkin", fate.after_commit)


def surroundings(hub: Settings) -> dict[str, str]:
    """The variables with which a command is called for a hub."""
    named = {
        "HUB_HOME": hub.home,
        "HUB_PROJECT": hub.project,
        "HUB_WAREHOUSE_URL": hub.warehouse_url,
        "HUB_PG_PORT": hub.pg_port,
        "HUB_BACKUP": hub.backup,
        "HUB_BACKUP_KEYS": hub.backup_keys,
        "HUB_STORE_URL": hub.store_url,
        "HUB_STORE_OPTIONS_FILE": hub.store_options_file,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def act(hub: Settings, step: str, delivery_id: uuid.UUID, doom: Doom | None = None) -> None:
    """Load, withdraw or restore a delivery, or sweep the archive."""
    if doom is not None:
        _await_fate(doom)
    catalogue = read_catalogue(hub.expectations)
    match step:
        case "load":
            ingest_delivery(hub, open_warehouse(hub, Role.LOADER), catalogue.contracts[FEED], delivery_id)
        case "withdraw":
            withdraw_delivery(hub, catalogue, delivery_id, because="a proof", decided_by="a.person")
        case "restore":
            restore_delivery(hub, catalogue, delivery_id, because="a proof", decided_by="a.person")
        case _:
            os.environ.update(surroundings(hub))
            archive.sweep()


def started(hub: Settings, step: str, delivery_id: uuid.UUID, doom: Doom | None = None) -> BaseProcess:
    """The step in a process of its own."""
    process = PROCESSES.Process(target=act, args=(hub, step, delivery_id, doom))
    process.start()
    return process


def is_stopped(process: BaseProcess) -> bool:
    """Whether it has stopped itself and waits to be let on."""
    state = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
    return state.rpartition(")")[2].split()[0] == "T"


def signalled(process: BaseProcess, number: int) -> None:
    """Send it a signal, if it is still there."""
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, number)

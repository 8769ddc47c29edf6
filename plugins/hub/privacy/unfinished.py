"""What an erasure needs to be finished, once its keys are destroyed: what the person is known by, and what was found.

It lies encrypted under the master key in ``$HUB_HOME/erasures`` until the erasure is finished, and in no backup.
"""

import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.backup.places import written_whole
from hub.privacy.certificate import Store
from hub.privacy.identity import Identity
from hub.privacy.vault_erasure import is_unfinished
from hub.settings import Settings
from hub.vault.encrypted_file import EncryptedReader, EncryptedWriter
from hub.vault.hub_keys import Purpose, read_ring

ENDING = ".unfinished"


@dataclass(frozen=True)
class Unfinished:
    """Whom to look for, and what the certificate says of the stores that were done."""

    identity: Identity
    stores: list[Store]


def keep_unfinished(settings: Settings, erasure_id: uuid.UUID, left: Unfinished) -> None:
    """Write it down, whole and on disk."""
    identity = left.identity
    kept = {
        "alone": _sorted(identity.alone),
        "names": sorted(identity.names),
        "beside": _sorted(identity.beside),
        "stores": [asdict(one) for one in left.stores],
    }
    with written_whole(_path(settings, erasure_id)) as path, path.open("wb") as target:
        encrypted = EncryptedWriter(target, read_ring(settings, Purpose.MASTER))
        encrypted.write(json.dumps(kept).encode())
        encrypted.finish()


def read_unfinished(settings: Settings, erasure_id: uuid.UUID) -> Unfinished | None:
    """What was written down; None where nothing is: the home is another than at the time."""
    path = _path(settings, erasure_id)
    if not path.exists():
        return None
    with io.BufferedReader(EncryptedReader.at(path, read_ring(settings, Purpose.MASTER))) as source:
        kept = json.loads(source.read())
    identity = Identity(_known(kept["alone"]), frozenset(kept["names"]), _known(kept["beside"]))
    return Unfinished(identity, [Store(**one) for one in kept["stores"]])


def forget_unfinished(settings: Settings, erasure_id: uuid.UUID) -> None:
    """The erasure is finished: nothing of the person is kept."""
    _path(settings, erasure_id).unlink(missing_ok=True)


def unfinished_files(settings: Settings) -> list[Path]:
    """All that were written down; the master key wraps the key of each."""
    return sorted(_folder(settings).glob(f"[!.]*{ENDING}"))


def forget_needless(settings: Settings, connection: sa.Connection) -> None:
    """Remove what was written for erasures that did not come about, or that are finished. The caller holds the lock of
    erasures."""
    for path in _folder(settings).glob(".*.part"):
        path.unlink()  # half written
    for path in unfinished_files(settings):
        if not is_unfinished(connection, uuid.UUID(path.name.removesuffix(ENDING))):
            path.unlink()


def _sorted(known: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    return {field: sorted(values) for field, values in known.items()}


def _known(kept: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {field: frozenset(values) for field, values in kept.items()}


def _path(settings: Settings, erasure_id: uuid.UUID) -> Path:
    return _folder(settings) / f"{erasure_id}{ENDING}"


def _folder(settings: Settings) -> Path:
    return settings.home / "erasures"

"""A key gives way to its next version, and everything under it follows.

Killed at any moment and run again, it ends the same: the version to come is written down before its key is made, each
feed moves in one transaction, data keys in batches, landed files one by one. Loads go on meanwhile, but for the feed
that is being moved; each uses the keys of its feed's rows.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from hub.backup.keys_apart import export_keys
from hub.backup.places import backup_places
from hub.contracts.model import Catalogue
from hub.ingest.archive.objects import names_of, rewrap_file
from hub.ingest.landing_store import landed_names, rewrap_landed
from hub.privacy import vault_rotation
from hub.privacy.unfinished import unfinished_files
from hub.settings import Settings
from hub.vault import audit
from hub.vault.encrypted_file import rewrap
from hub.vault.hub_keys import KeyProblem, KeyRing, Purpose, add_version, is_own, read_ring
from hub.vault.keys import IN_RAW
from hub.warehouse.engine import begin, lock_feed


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: the newest version, and how many tokens, hashes, data keys or files moved in this
    run."""

    purpose: Purpose
    version: int
    count_moved: int


def rotate_key(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, purpose: Purpose, *, to_version: int | None = None
) -> Rotated:
    """Move to the next version of a key, or go on with a move that did not end. ``to_version`` says which one: asked
    for again, nothing is done. Raises :class:`~hub.vault.hub_keys.KeyProblem` for a version that cannot come next, when
    the key that is to come is not the hub's to make and not there yet, and where a feed cannot be moved."""
    ring = read_ring(settings, purpose)
    is_made_here = is_own(settings, purpose)
    last = ring.newest + 1 if is_made_here else ring.newest
    if to_version is not None and not ring.versions[0][0] <= to_version <= last:
        raise KeyProblem(f"the newest version of the {purpose} key is {ring.newest}; {to_version} does not follow it")
    if purpose in IN_RAW and catalogue.refusals:
        raise KeyProblem(
            f"rows of {', '.join(sorted(catalogue.refusals))} cannot be moved: their contracts are refused"
        )
    with begin(engine) as connection:
        # A key that is kept elsewhere is made there: its newest version is the one to move to.
        asked = to_version if is_made_here else ring.newest
        version = vault_rotation.begin_rotation(connection, purpose, ring.newest, asked)
        if purpose in IN_RAW and version > ring.versions[0][0]:
            vault_rotation.note_versions(connection, catalogue.contracts, ring.up_to(version - 1))
    audit.append(settings, audit.Entry(audit.account(), "key rotation", purpose, {"to_version": version}))
    ring = add_version(settings, purpose, version) if is_made_here else read_ring(settings, purpose)
    if settings.backup is not None:
        # Before anything is encrypted under it: a backup without the key would be none.
        export_keys(settings, backup_places(settings).keys)
    if purpose in IN_RAW:
        count = _move_raw(engine, catalogue, ring.up_to(version))
    elif purpose is Purpose.MASTER:
        count = _move_master(settings, engine, catalogue, ring)
    else:
        count = 0  # older entries of the audit log and older backups stay under the key that they were written with
    with begin(engine) as connection:
        vault_rotation.end_rotation(connection, purpose, version)
    return Rotated(purpose, version, count)


def _move_raw(engine: sa.Engine, catalogue: Catalogue, ring: KeyRing) -> int:
    count = 0
    for contract in catalogue.contracts.values():
        with begin(engine) as connection:
            count += vault_rotation.move_feed(connection, contract, ring)
    return count


def _move_master(settings: Settings, engine: sa.Engine, catalogue: Catalogue, ring: KeyRing) -> int:
    for feed in catalogue.contracts:
        with begin(engine) as connection:
            lock_feed(connection, feed)  # a load that began under the older key ends first
    count = 0
    while moved := _rewrap_some(engine, ring):
        count += moved
    count += sum(rewrap_landed(settings, ring, name) for name in landed_names(settings))
    count += sum(rewrap_file(settings, ring, name) for name in list(names_of(settings)))
    for path in unfinished_files(settings):
        with path.open("r+b", buffering=0) as file:
            count += rewrap(file, ring)
    return count


def _rewrap_some(engine: sa.Engine, ring: KeyRing) -> int:
    with begin(engine) as connection:
        return vault_rotation.rewrap_keys(connection, ring)

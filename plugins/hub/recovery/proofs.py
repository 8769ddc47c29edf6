"""What must be true of a restored hub, whatever it was restored to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from hub.backup import publish_sums
from hub.backup.places import Places
from hub.contracts.model import Catalogue
from hub.ingest.archive import queries
from hub.privacy import person_traces
from hub.settings import Settings
from hub.vault import audit
from hub.vault.encrypted_file import EncryptedReader, FileDamaged
from hub.vault.hub_keys import Purpose, read_ring
from hub.warehouse import grants
from hub.warehouse.roles import login_roles
from hub.warehouse.tables import DELIVERIES

MOST_NAMED = 5


@dataclass(frozen=True)
class Proof:
    """One check: its finding, and what is wrong (nothing where all is well)."""

    name: str
    found: str
    problems: tuple[str, ...]


def ledger_law(engine: sa.Engine, catalogue: Catalogue) -> Proof:
    """Every delivery: rows read = accepted + quarantined + duplicate, in the ledger and in the tables."""
    columns = DELIVERIES.c
    broken = sa.select(columns.delivery_id).where(
        columns.rows_read != columns.rows_accepted + columns.rows_quarantined + columns.rows_duplicate
    )
    with engine.connect() as connection:
        count: int = connection.execute(sa.select(sa.func.count()).select_from(DELIVERIES)).scalar_one()
        ids: sa.ScalarResult[uuid.UUID] = connection.execute(broken).scalars()
        problems = [f"delivery {one}: its rows do not add up" for one in ids]
    if not person_traces.counts_are_kept(engine, catalogue):
        problems.append("raw, archive and quarantine do not hold as many rows as the ledger says")
    return Proof("ledger law", f"{count} deliveries", tuple(problems))


def audit_chain(settings: Settings, engine: sa.Engine) -> Proof:
    """Every entry of the audit log follows from the one before, and the one that had been written last is there."""
    count, problems = audit.verify(settings, engine)
    return Proof("audit chain", f"{count} entries", tuple(problems))


def roles(settings: Settings, engine: sa.Engine) -> Proof:
    """Every role is there, and none has another right than ``grants.yaml`` gives."""
    with engine.connect() as connection:
        present: set[str] = set(connection.execute(sa.text("select rolname from pg_roles")).scalars())
        differing = grants.differences(connection)
    wanted = login_roles(settings)
    problems = [f"the role {role} is missing" for role in wanted if role not in present]
    problems += [f"rights differ: {statement}" for statement in differing]
    return Proof("roles", f"{len(wanted)} roles", tuple(problems))


def published(places: Places, administrator: sa.Engine) -> Proof:
    """Every publish that was kept has the rows that it had when its checksums were written down."""
    noted, kept = publish_sums.noted(places), publish_sums.schemas(administrator)
    problems, count = [f"{schema}: no checksums are kept" for schema in publish_sums.unnoted(places, kept)], 0
    for schema in (one for one in kept if one in noted):
        now = publish_sums.checksums(administrator, schema)
        count += len(now)
        for table in sorted(now.keys() | noted[schema].keys()):
            was = noted[schema].get(table)
            if now.get(table) != was:
                problems.append(f"{schema}.{table}: {now.get(table)}, and {was} when it was published")
    return Proof("published checksums", f"{count} tables of {len(kept)} publishes", tuple(problems))


def landed(settings: Settings, places: Places, engine: sa.Engine) -> Proof:
    """Every file that the ledger points to is in the backup, and the keys decrypt it."""
    with engine.connect() as connection:
        query = sa.select(DELIVERIES.c.landing_path).where(DELIVERIES.c.landing_path.is_not(None)).distinct()
        names: list[str] = list(connection.execute(query).scalars())
    return _kept(settings, "landing store", places.landing, names)


def archived(settings: Settings, places: Places, engine: sa.Engine) -> Proof:
    """Every file of the archive that the ledger lists is in the backup, and the keys decrypt it; and the sums count as
    many rows as were archived."""
    with engine.connect() as connection:
        names = sorted(queries.all_names(connection))
        differing = queries.differing_sums(connection)
    kept = _kept(settings, "archive", places.archive, names)
    problems = [f"the sums of delivery {one} do not count its records" for one in differing]
    return replace(kept, problems=(*kept.problems, *problems[:MOST_NAMED]))


def _kept(settings: Settings, store: str, copies: Path, names: Sequence[str]) -> Proof:
    master, problems = read_ring(settings, Purpose.MASTER), []
    for name in names:
        try:
            with EncryptedReader.at(copies / name, master):
                pass
        except FileNotFoundError:
            problems.append(f"{name} is not in the backup")
        except FileDamaged as damage:
            problems.append(f"{name}: {damage}")
    more = [f"and {len(problems) - MOST_NAMED} more"] if len(problems) > MOST_NAMED else []
    return Proof(store, f"{len(names)} files", (*problems[:MOST_NAMED], *more))

"""In whatever order a hub is backed up, people are erased and an older database is restored, nobody comes back.

The database, the landing store, the journal and the code are the real ones. Only the copy of the database is made by
the server itself (``create database … template``) and not by a base backup and its log: that takes a tenth of a second
and not half a minute. Orders with real base backups are a test of their own.
"""

import random
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import copy_database
from hub.backup import journal
from hub.backup.places import Places, backup_places
from hub.backup.wal import keep_beside
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.privacy.erase_again import erase_again
from hub.privacy.mask_mentions import decide_mentions
from hub.privacy.text_mentions import read_mentions
from hub.recovery.restore import forget_erased_copies, put_back_landing
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import raw_rows, take_in
from privacy.letters import CALLS, CATALOGUE, LETTERS, as_csv, as_json_lines, erase, landed_texts, open_texts, told
from recovery.hubs import a_moment, own_hub

FEEDS = (LETTERS, CALLS)
NAMES = ("Ada Quill", "Bo Nolan", "Cy Marsh", "Di Frost", "Ed Stone")
STEPS = ("deliver", "deliver", "deliver again", "back up", "erase", "restore")


def person(number: int) -> dict[str, str]:
    return {
        "victim_name": NAMES[number],
        "victim_date_of_birth": f"03/02/198{number}",
        "reporter_name": NAMES[number],
        "reporter_email": f"person{number}@example.org",
        "reporter_phone": f"07700 90012{number}",
        "words": f"what {NAMES[number].split()[1]} wrote",
        "day": "2026-01-02",
    }


@dataclass
class World:
    """What was done to a hub: files by name, with the persons of their rows, and who was erased."""

    settings: Settings
    random: random.Random
    files: dict[str, tuple[bytes, list[int]]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)

    @property
    def engine(self) -> sa.Engine:
        return open_warehouse(self.settings, Role.OWNER)

    @property
    def places(self) -> Places:
        return backup_places(self.settings)

    def deliver(self) -> None:
        """A file that speaks of nobody who was erased."""
        living = [number for number in range(len(NAMES)) if number not in self.erased]
        if not living:
            return
        those = self.random.sample(living, self.random.randint(1, min(3, len(living))))
        is_csv = self.random.random() < 0.5
        name = f"{len(self.files)}.{'csv' if is_csv else 'jsonl'}"
        rows = [{"ref": f"{len(self.files)}-{one}", **person(one)} for one in those]
        # Some rows are kept out, and hold what they say of a person there.
        rows = [{**row, "day": "no day"} if self.random.random() < 0.2 else row for row in rows]
        self.files[name] = ((as_csv if is_csv else as_json_lines)(*rows), those)
        self.take_in(name)

    def deliver_again(self) -> None:
        """The bytes of an earlier file, also of one that the database does not know any more."""
        if self.files:
            self.take_in(self.random.choice(sorted(self.files)))

    def take_in(self, name: str) -> None:
        feed = LETTERS if name.endswith("csv") else CALLS
        take_in(self.settings, self.engine, feed, self.files[name][0], name)
        self.known.add(name)

    def erase(self) -> None:
        """Somebody of whom the database has a readable row."""
        for feed in FEEDS:
            for row in raw_rows(self.engine, feed):
                number = int(str(row["ref"]).split("-")[1])
                if number not in self.erased:
                    erase(self.settings, self.engine, str(row["reporter_email_token"]))
                    self.erased.add(number)
                    return

    def load_what_waits(self) -> None:
        for feed in FEEDS:
            for delivery in awaiting(self.engine, feed.feed):
                ingest_delivery(self.settings, self.engine, feed, delivery)

    def check(self) -> None:
        """Nobody who was erased can be read anywhere, and everybody else can."""
        readable = {
            ref: bool(values) for feed in FEEDS for ref, values in told(self.settings, self.engine, feed).items()
        }
        assert not [
            ref for ref, is_readable in readable.items() if is_readable and int(ref.split("-")[1]) in self.erased
        ]
        assert all(is_readable or int(ref.split("-")[1]) in self.erased for ref, is_readable in readable.items())
        kept_out = [text.encode() for text in open_texts(self.settings, self.engine)]
        texts = b"".join([*landed_texts(self.settings), *kept_out])
        assert not [number for number in self.erased if f"person{number}@example.org".encode() in texts]
        for name in self.known:
            for number in self.files[name][1]:
                assert number in self.erased or f"{name.split('.')[0]}-{number}".encode() in texts


@dataclass
class CopiedWorld(World):
    """A world whose database is copied by its server."""

    administration: sa.Engine | None = None
    kept: list[tuple[str, set[str]]] = field(default_factory=list)

    @property
    def database(self) -> str:
        return str(self.engine.url.database)

    def back_up(self) -> None:
        assert self.administration is not None
        keep_beside(self.settings, self.places)
        name = f"kept_{len(self.kept)}"
        copy_database(self.administration, self.database, name)
        self.kept.append((name, set(self.known)))

    def restore(self) -> None:
        """The machine is lost: database and landing store come from the backup."""
        if not self.kept:
            return
        assert self.administration is not None
        keep_beside(self.settings, self.places)
        place = self.random.randrange(len(self.kept))
        name, known = self.kept[place]
        self.known = set(known)
        # As a restore to a moment does: what was kept after it can be restored no more.
        self.set_aside(place + 1)
        database = self.database
        self.engine.dispose()
        with self.administration.connect() as connection:
            connection.execute(sa.text(f"drop database {database} with (force)"))
        copy_database(self.administration, name, database)
        shutil.rmtree(self.settings.landing, ignore_errors=True)
        entries = journal.entries(self.settings, self.places)
        erased = journal.destroyed_names(entries)
        forget_erased_copies(self.places, erased)
        put_back_landing(self.places, self.settings, erased)
        erase_again(self.settings, self.engine, CATALOGUE, entries)
        self.check()
        self.load_what_waits()

    def set_aside(self, first: int) -> None:
        """No copy from this one on can be chosen any more."""
        assert self.administration is not None
        with self.administration.connect() as connection:
            for name, _ in self.kept[first:]:
                connection.execute(sa.text(f"drop database {name} with (force)"))
        del self.kept[first:]


def live_through(world: World, steps: int) -> None:
    """Any order of steps, with somebody there to come back: known to a backup, and erased before the last restore."""
    between = [world.random.choice(STEPS) for _ in range(steps)]
    for step in ["deliver", "back up", *between, "erase", "restore"]:
        getattr(world, step.replace(" ", "_"))()
        world.check()


@pytest.fixture
def copied(hub: Settings, administration: sa.Engine, tmp_path: Path) -> Iterator[CopiedWorld]:
    settings = replace(hub, backup=tmp_path / "backup", backup_keys=tmp_path / "keys")
    world = CopiedWorld(settings, random.Random(0), administration=administration)
    yield world
    world.set_aside(0)


@pytest.mark.parametrize("seed", range(2))
def test_nobody_who_was_erased_comes_back_in_some_orders(copied: CopiedWorld, seed: int) -> None:
    copied.random = random.Random(seed)
    live_through(copied, 5)


def test_a_file_that_a_restored_ledger_does_not_know_comes_again_without_who_was_erased_since(
    copied: CopiedWorld,
) -> None:
    def letters(name: str, *numbers: int) -> None:
        rows = [{"ref": f"{name}-{one}", **person(one)} for one in numbers]
        # One row is kept out and holds what it says of a person there; the other is loaded.
        rows[0]["day"] = "no day" if len(rows) > 1 else rows[0]["day"]
        copied.files[f"{name}.csv"] = (as_csv(*rows), list(numbers))
        copied.take_in(f"{name}.csv")

    letters("a", 2)
    copied.back_up()
    letters("b", 4, 3)
    letters("c", 3, 4)
    copied.restore()
    letters("d", 4)
    (token,) = {str(row["reporter_email_token"]) for row in raw_rows(copied.engine, LETTERS) if row["ref"] == "d-4"}
    erase(copied.settings, copied.engine, token)
    copied.erased.add(4)
    copied.check()
    for again in ("b.csv", "c.csv"):
        copied.take_in(again)
        copied.check()
    copied.back_up()
    copied.restore()


@pytest.mark.parametrize("knows_the_erasure", [False, True])
def test_what_was_masked_in_others_texts_is_masked_again(copied: CopiedWorld, *, knows_the_erasure: bool) -> None:
    said = f"I know {NAMES[0]} and person0@example.org"
    rows = [{**person(0), "ref": "L-0"}, *({**person(1), "ref": f"{one}-1", "words": said} for one in ("L", "M"))]
    rows.append({**person(2), "ref": "N-2", "words": NAMES[0], "day": "no day"})
    take_in(copied.settings, copied.engine, LETTERS, as_csv(*rows), "l.csv")
    if not knows_the_erasure:
        copied.back_up()
    certificate = erase(
        copied.settings,
        copied.engine,
        next(str(row["reporter_email_token"]) for row in raw_rows(copied.engine, LETTERS) if row["ref"] == "L-0"),
    )
    if knows_the_erasure:
        copied.back_up()
    copied.erased.add(0)
    erasure_id = uuid.UUID(certificate.erasure_id)
    done, _ = decide_mentions(copied.settings, copied.engine, CATALOGUE, erasure_id, leave=[], by="b.person")
    assert done.nothing_is_left
    copied.restore()
    masked = "I know *** ***** and *******************"
    words = {ref: values.get("words") for ref, values in told(copied.settings, copied.engine, LETTERS).items()}
    assert words == {"L-0": None, "L-1": masked, "M-1": masked}
    assert any('"*** *****"' in text for text in open_texts(copied.settings, copied.engine))
    (landed,) = landed_texts(copied.settings)
    assert landed.count(masked.encode()) == 2
    with copied.engine.connect() as connection:
        assert {one.state for one in read_mentions(connection, erasure_id)} == {"masked"}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 1100))
def test_nobody_who_was_erased_comes_back_in_a_thousand_orders(copied: CopiedWorld, seed: int) -> None:
    copied.random = random.Random(seed)
    live_through(copied, copied.random.randint(2, 10))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_nobody_who_was_erased_comes_back_from_real_base_backups(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with own_hub(tmp_path) as hub:
        world = World(hub.settings, chance)
        world.deliver()
        hub.backup()
        moments = [(a_moment(), set(world.known))]
        for _ in range(6):
            step = chance.choice(["deliver", "deliver again", "erase", "back up"])
            hub.backup() if step == "back up" else getattr(world, step.replace(" ", "_"))()
            moments.append((a_moment(), set(world.known)))
        hub.keep_up()
        moment, known = chance.choice(moments)
        again, restored = hub.is_lost_and_comes_back(moment)
        assert restored.problems == []
        world.settings, world.known = again.settings, known
        world.check()
        world.load_what_waits()
        world.check()

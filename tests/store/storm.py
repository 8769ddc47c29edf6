"""Deliveries of several feeds, what a hub must make of them, and workers that take them in as Airflow would."""

import gzip
import hashlib
import io
import json
import os
import random
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.values import Classification, Compression, FileFormat
from hub.deliveries import DeliveryStatus, delivery_id_of
from hub.ingest.collect import collect_drop, collect_files
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.settings import Settings
from hub.store import StoreUnavailable
from ingest.deliveries import LONG_AGO_NS, ledger_rows, quarantined, raw_rows
from ingest.small_feeds import column, feed
from store.faulty_proxy import SECRET
from store.s3 import Bucket, decrypted

P = Classification.PERSONAL
COLUMNS = (column("ref", required=True), column("note"), column("who", classification=P))
NOTES = feed(*COLUMNS, name="notes")
CALLS = feed(*COLUMNS, name="calls", form=FileFormat.JSONL)
PACKS = feed(*COLUMNS, name="packs", compression=Compression.ZIP)
FEEDS = (NOTES, CALLS, PACKS)
BY_NAME = {one.feed: one for one in FEEDS}
PERSON = "Quintessa Marlowe"
"""In every row, and in no message."""
MOST_TRIES = 400
LARGE_ROWS = 1500
"""Of 2 kB each: so much is read in several requests."""

Row = tuple[str, str, str]


@dataclass
class Sent:
    """A file, and what is true of it: its end, and the row numbers that are right, wrong and repeated."""

    feed: str
    name: str
    data: bytes
    status: DeliveryStatus
    right: dict[int, str] = field(default_factory=dict)
    wrong: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rows read, accepted, quarantined, duplicate."""
        parts = (len(self.right), len(self.wrong), len(self.repeated))
        return (sum(parts), *parts)


def sent(form: str, name: str, rows: Sequence[Row], status: DeliveryStatus = DeliveryStatus.LOADED) -> Sent:
    """A file of these rows; one without a reference is wrong, one that was there before in it is repeated."""
    data = written(form, rows)
    if status is not DeliveryStatus.LOADED:
        return Sent(form, name, data, status)
    numbered = list(enumerate(rows, start=1))
    first: dict[Row, int] = {}
    for number, row in numbered:
        first.setdefault(row, number)
    wrong = tuple(number for number, row in numbered if not row[0])
    repeated = tuple(number for number, row in numbered if row[0] and first[row] != number)
    right = {number: row[0] for number, row in numbered if row[0] and first[row] == number}
    return Sent(form, name, data, status, right, wrong, repeated)


def written(form: str, rows: Sequence[Row]) -> bytes:
    """Rows in the form of a feed."""
    names = [one.name for one in COLUMNS]
    if form == "calls":
        return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()
    text = "\n".join([",".join(names), *(",".join(row) for row in rows)]).encode() + b"\n"
    if form == "notes":
        return text
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("rows.csv", (2026, 1, 1, 0, 0, 0)), text)
    return target.getvalue()


def wave(number: int, seed: int, large: Collection[str]) -> list[Sent]:
    """Files that nobody has sent before: right ones, half bad ones, some to be held or refused, large ones, and the
    same bytes under a second name."""
    rng = random.Random(f"{seed} {number}")
    made: list[Sent] = []
    for form in BY_NAME:
        end = ".zip" if form == "packs" else ".jsonl" if form == "calls" else ".csv"

        def rows(kind: str, count: int, length: int = 20, form: str = form) -> list[Row]:
            texts = (rng.randbytes(length // 2).hex() for _ in range(count))
            return [(f"{form}-{number}-{kind}-{one}", text, PERSON) for one, text in enumerate(texts)]

        right, half, bad = rows("right", rng.randrange(1, 60)), rows("half", 60), rows("bad", 40)
        half[5:15] = [("", text, PERSON) for _, text, _ in half[5:15]]
        half[40] = half[39]
        bad[5:25] = [("", text, PERSON) for _, text, _ in bad[5:25]]
        first = sent(form, f"{number}-1-right{end}", right)
        made += [first, sent(form, f"{number}-2-half{end}", half)]
        made.append(sent(form, f"{number}-3-bad{end}", bad, DeliveryStatus.HELD))
        nonsense = gzip.compress(rng.randbytes(300), mtime=0)
        made.append(Sent(form, f"{number}-4-nonsense{end}", nonsense, DeliveryStatus.REFUSED))
        if form in large:
            made.append(sent(form, f"{number}-5-large{end}", rows("large", LARGE_ROWS, 2000)))
        made.append(Sent(form, f"{number}-6-again{end}", first.data, DeliveryStatus.DUPLICATE))
    return made


@dataclass
class Worker:
    """Takes in what comes, and tries again what the store did not let it do; ``said`` is all that it was told."""

    hub: Settings
    engine: sa.Engine
    said: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def insist[**A, R](self, step: Callable[A, R], *given: A.args, **named: A.kwargs) -> R:
        """Do a step until the store lets it; any other failure is one of the hub's."""
        for _ in range(MOST_TRIES):
            try:
                return step(*given, **named)
            except StoreUnavailable as problem:
                self.said.append(str(problem))
                self.failed[getattr(step, "__name__", "step")] += 1
        raise AssertionError(f"the store never let it through: {self.said[-1]}")

    def take_all(self, only: Iterable[str] = BY_NAME) -> None:
        """Whatever lies in the drop folders, and whatever waits."""
        for name in only:
            self.insist(collect_drop, self.hub, self.engine, BY_NAME[name])
            for one in awaiting(self.engine, name):
                self.insist(ingest_delivery, self.hub, self.engine, BY_NAME[name], one)

    def take_once(self, name: str) -> None:
        """Collect and load what there is of a feed, without a second try."""
        collect_drop(self.hub, self.engine, BY_NAME[name])
        for one in awaiting(self.engine, name):
            ingest_delivery(self.hub, self.engine, BY_NAME[name], one)

    def take(self, name: str, path: Path) -> None:
        """One file from anywhere."""
        for receipt in self.insist(collect_files, self.hub, self.engine, BY_NAME[name], [path]):
            if receipt.status is DeliveryStatus.RECEIVED:
                self.insist(ingest_delivery, self.hub, self.engine, BY_NAME[name], receipt.delivery_id)


def put(hub: Settings, files: Iterable[Sent], folder: Path | None = None) -> list[Path]:
    """Files in the drop folders, or in one of their own, as if they had lain there for long."""
    paths = []
    for one in files:
        place = folder or hub.drop / one.feed
        place.mkdir(parents=True, exist_ok=True)
        path = place / one.name
        path.write_bytes(one.data)
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
        paths.append(path)
    return paths


def at_once(*steps: Callable[[], object]) -> None:
    """Do all at the same time, and raise what one of them raises."""
    problems: list[BaseException] = []

    def do(step: Callable[[], object]) -> None:
        try:
            step()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=do, args=(one,)) for one in steps]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if problems:
        raise problems[0]


def ends(engine: sa.Engine) -> Counter[tuple[object, ...]]:
    """What the ledger says: feed, hash, end and counts of each delivery; which of two names came first says nothing."""
    return Counter(
        (row.feed, row.sha256, row.status, row.rows_read, row.rows_accepted, row.rows_quarantined, row.rows_duplicate)
        for row in ledger_rows(engine)
    )


def names(engine: sa.Engine) -> Counter[tuple[str, str, str]]:
    return Counter((row.feed, row.file_name, row.sha256) for row in ledger_rows(engine))


def is_as_sent(hub: Settings, engine: sa.Engine, files: Sequence[Sent], bucket: Bucket) -> None:
    """Ledger, raw, quarantine and objects are what the files say, no more and no less."""
    first = {(one.feed, one.sha256): one for one in files if one.status is not DeliveryStatus.DUPLICATE}
    expected: Counter[tuple[object, ...]] = Counter()
    for one in files:
        read = first[one.feed, one.sha256].counts[0]
        counts = (read, 0, 0, read) if one.status is DeliveryStatus.DUPLICATE else one.counts
        expected[one.feed, one.sha256, one.status.value, *counts] += 1
    assert ends(engine) == expected
    assert names(engine) == Counter((one.feed, one.name, one.sha256) for one in files)
    assert all(row.unfinished_reads == 0 for row in ledger_rows(engine))
    for name, contract in BY_NAME.items():
        rows = Counter((row["_delivery_id"], row["_row_number"], row["ref"]) for row in raw_rows(engine, contract))
        of_feed = [one for one in first.values() if one.feed == name]
        assert rows == Counter(
            (delivery_id_of(name, one.sha256), number, ref) for one in of_feed for number, ref in one.right.items()
        )
    kept = Counter((row.delivery_id, row.row_number) for row in quarantined(engine))
    assert kept == Counter((delivery_id_of(one.feed, one.sha256), n) for one in first.values() for n in one.wrong)
    _objects_are_as_sent(hub, engine, first, bucket)


def _objects_are_as_sent(hub: Settings, engine: sa.Engine, first: dict[tuple[str, str], Sent], bucket: Bucket) -> None:
    found = {(name.split("/")[0], name.split("/")[2]): name for name in bucket.names()}
    assert sorted(found) == sorted(first)
    assert len(found) == len(bucket.names()), "the same bytes lie under two days"
    for known_as, name in found.items():
        assert decrypted(hub, bucket.get(name)) == first[known_as].data, name
    assert {row.landing_path for row in ledger_rows(engine)} == set(found.values())
    assert bucket.uploads() == []
    left = [one for one in (*hub.drop.rglob("*"), *hub.landing.rglob("*")) if one.is_file()]
    assert left == [], "files stayed behind"


def nobody_is_named(said: Iterable[str]) -> None:
    """No message has a secret or a person in it, and each is one line."""
    for text in set(said):
        assert SECRET not in text
        assert PERSON not in text
        assert "\n" not in text
        assert text.strip()

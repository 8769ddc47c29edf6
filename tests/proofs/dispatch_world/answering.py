"""What the desks of the recipients say: in order and not, once and twice, early and very late, and by halves."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO
from xml.sax.saxutils import escape

from proofs.dispatch_world.record import Arrival, Record, Said

FORCE_STORIES: tuple[tuple[str, ...], ...] = (
    ("acknowledged", "accepted", "outcome"),
    ("acknowledged", "returned"),
    ("acknowledged", "transferred"),
    ("acknowledged", "accepted"),
    ("acknowledged",),
    ("accepted", "outcome"),
    (),
)
PROVIDER_STORIES: tuple[tuple[str, ...], ...] = (
    ("acknowledged", "content_removed"),
    ("acknowledged", "no_violation"),
    ("acknowledged", "more_information_needed"),
    ("acknowledged",),
    (),
)
MORE_FIELDS: dict[str, dict[str, str]] = {
    "returned": {"reason": "The victim lives elsewhere."},
    "transferred": {"transferred_to_force_code": "E23000039"},
    "outcome": {"outcome_code": "1"},
}
FIRST_DAY, LATEST = date(2016, 5, 1), 6
QUIET_SINCE = 60.0


@dataclass
class Desks:
    """The people who answer. ``ways`` says how each recipient does (exchange, folder, or file), ``talkative`` of how
    many dispatches they say anything."""

    record: Record
    chance: random.Random
    ways: dict[str, str]
    talkative: float
    count: int = 0
    count_files: int = 0
    halves: list[tuple[Path, bytes, BinaryIO]] = field(default_factory=list)

    def plan(self, arrivals: list[Arrival]) -> None:
        """Decide what is to be said of packages, and when."""
        for one in arrivals:
            if one.document == "package":
                self._plan(one)

    def _plan(self, arrival: Arrival) -> None:
        asked = arrival.package["answer"]
        is_force = asked["feed"] == "force_responses"
        stories = FORCE_STORIES if is_force else PROVIDER_STORIES
        story = self.chance.choice(stories) if self.chance.random() < self.talkative else ()
        dues = sorted(self.record.turn + self.chance.randint(0, 3) for _ in story)
        if self.chance.random() < 0.25:
            self.record.met["answers in the wrong order"] += len(dues) > 1
            dues.reverse()
        if dues and self.chance.random() < 0.15:
            self.record.met["an answer very late"] += 1
            dues[0] = self.record.turn + LATEST
        for hour, (kind, due) in enumerate(zip(story, dues, strict=True)):
            when = datetime(2026, 3, 3, 10, tzinfo=UTC) + timedelta(hours=hour)
            fields = {**asked["fields"], **MORE_FIELDS.get(kind, {}), "happened_at": when.isoformat()}
            said = Said(arrival.recipient, arrival.dispatch_id, kind, fields, due, self.ways[arrival.recipient])
            self.record.said.append(said)
            if self.chance.random() < 0.2:
                self.record.met["an answer twice"] += 1
                again = Said(said.recipient, said.dispatch_id, kind, fields, due + self.chance.randint(1, 2), said.way)
                if self.chance.random() < 0.5 and said.way != "exchange":
                    # One set for both: the reference that the first is given is the second's, too.
                    again.references = said.references
                self.record.said.append(again)

    def due(self) -> list[Said]:
        """What is to be said now and has not been."""
        return [one for one in self.record.said if one.due <= self.record.turn and not one.is_said]

    def file_of(self, said: list[Said], recipient: str) -> tuple[str, bytes]:
        """One file with answers of a recipient, in any order."""
        self.chance.shuffle(said)
        rows = []
        for one in said:
            is_force = "force_code" in one.fields
            if not one.references:
                self.count += 1
                one.references.add(f"{'FR' if is_force else 'PR'}-{self.count:08d}")
            rows.append({"response_ref": min(one.references), "kind": one.kind, **one.fields})
        self.count_files += 1
        day = FIRST_DAY + timedelta(days=self.count_files)
        if "force_code" not in said[0].fields:
            return f"provider_responses_{day}.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        inner = "".join(
            "<response>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items() if value)
            + "</response>"
            for row in rows
        )  # fmt: skip
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<forceResponses force="{recipient}" count="{len(rows)}">'
        return f"force_responses_{recipient}_{day}.xml", f"{head}{inner}</forceResponses>".encode()

    def put(self, path: Path, content: bytes, hand_over: Callable[[Path], None], *, by_halves: bool) -> None:
        """Let a file lie there, sometimes half of it for a while."""
        draft = path.with_name(f".{path.name}")
        if by_halves and self.chance.random() < 0.2:
            self.record.met["half a file with answers"] += 1
            file = path.open("wb")
            file.write(content[: len(content) // 2])
            file.flush()
            hand_over(path)
            self.halves.append((path, content[len(content) // 2 :], file))
        else:
            draft.write_bytes(content)
            hand_over(draft)
            make_quiet(draft)
            draft.rename(path)

    def write_on(self) -> None:
        """Make half files whole. Nobody may have taken them: they are open, and have changed just now."""
        for path, rest, file in self.halves:
            if not path.exists():
                self.record.note_wrong(f"half a file with answers was taken: {path.name}")
            file.write(rest)
            file.close()
            if path.exists():
                make_quiet(path)
        self.halves.clear()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Meanwhile each half file changes every second, however long it takes."""
        over = Event()

        def write() -> None:
            while True:
                for path, _, _ in self.halves:
                    with suppress(FileNotFoundError):
                        os.utime(path)
                if over.wait(1.0):
                    return

        writer = Thread(target=write)
        writer.start()
        try:
            yield
        finally:
            over.set()
            writer.join()


def make_quiet(path: Path) -> None:
    """A file that was written a while ago."""
    when = time.time() - QUIET_SINCE
    os.utime(path, (when, when))

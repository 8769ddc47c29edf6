"""Reports of every kind that an update can be about, as files: who agreed, which addresses there are, what came of it.

Each report is an incident of its own but for those that are said to be one. Nobody in it exists.
"""

import csv
import hashlib
import itertools
import json
import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from string import ascii_lowercase
from typing import Any
from xml.sax.saxutils import escape

from contracts.samples import EXPECTATIONS, stored_sample
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.samples import note_simulated
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import put_files

TV, COMMUNITY = "true_vision_reports", "community_reports"
EMPTY = ("", "yes", "no")
FIRST_DAY = date(2026, 1, 1)
AREA = {"force_named": "E23000001"}
PLACES: dict[str, dict[str, str]] = {
    "force": AREA,
    "crime_end": AREA,
    "open_end": AREA,
    "moved": AREA,
    "desk": {},
    "community": AREA,
    "not_police": AREA,
    "abroad": {"force_named": "ABROAD"},
}
"""What happens to a report, and what it says of its place."""
DECISIONS = {"community": "nchi", "not_police": "not_police_matter"}
ANSWERS = ((True, "yes"), (True, "no"), (False, "yes"))
"""Whether a report gives an address, and whether it agrees to be contacted."""
ADDRESSES = {
    "lives with": "Kai.Doe@shared.example.org",
    "capitals": "KAI.DOE@SHARED.example.org",
    "as a domain is looked up": "bo@xn--bcher-kva.example.org",
    "as a domain is read": "bo@bücher.example.org",
    "not ASCII": "zoë@people.example.org",
}
"""The first two are one mailbox, and so are the next two."""
OUTCOMES = {"crime_end": "1", "open_end": "0"}


@dataclass
class World:
    """Files to deliver, and the reports by what is special about them."""

    folder: Path
    portal: list[dict[str, str]] = field(default_factory=list)
    community: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
    triages: list[dict[str, str]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(161))
    count: int = 100

    def next(self) -> int:
        self.count += 1
        return self.count

    def happens(self, number: int) -> tuple[str, str, str]:
        """When, and where online: no two are the same."""
        day = (FIRST_DAY + timedelta(days=number - 100)).isoformat()
        return day, f"https://{self.word()}.example.org/{self.word()}", " ".join(self.word() for _ in range(12))

    def word(self) -> str:
        return "".join(self.chance.choices(ascii_lowercase, k=9))

    def report(self, became: str, **said: Any) -> str:
        """A report of the portal; returns its reference."""
        number = self.next()
        day, url, text = self.happens(number)
        ref = f"TV-{number:08d}"
        row = {
            "report_ref": ref,
            "reported_at": f"{day}T12:{number % 60:02d}:00+00:00",
            "occurred_on": day,
            "is_anonymous": "no",
            "reporter_is_victim": "no",
            "reporter_name": f"{self.word()} {self.word()}",
            "reporter_email": f"{self.word()}@{self.word()}.example.org",
            "strands": self.chance.choice(("race", "religion", "disability", "transgender")),
            "is_online": "yes",
            "platform": "forum",
            "content_url": url,
            "description": text,
            "is_threat_to_life": "no",
            "consent_share_police": "yes",
            "consent_share_anonymised": "yes",
            "consent_refer_support": "yes",
            "consent_contact": "yes",
        }
        self.portal.append(row | PLACES[became] | said)
        self._becomes(ref, became, day)
        return ref

    def case(self, became: str, **said: Any) -> str:
        """A report of a community body; returns its reference."""
        number = self.next()
        day, url, text = self.happens(number)
        ref = f"TM-{number:08d}"
        row = {
            "body_code": "tell_mama",
            "case_ref": ref,
            "reported_at": f"{day}T13:{number % 60:02d}:00+01:00",
            "occurred_on": day,
            "strands": ["religion"],
            "is_online": "yes",
            "platform": "forum",
            "content_url": url,
            "description": text,
            "reporter_email": f"{self.word()}@{self.word()}.example.org",
            "victim_name": f"{self.word()} {self.word()}",
            "victim_email": f"{self.word()}@{self.word()}.example.org",
            "is_threat_to_life": False,
            "consent_share_police": True,
            "consent_share_anonymised": True,
            "consent_refer_support": True,
            "consent_contact": True,
        }
        self.community.append({key: value for key, value in (row | PLACES[became] | said).items() if value is not None})
        self._becomes(ref, became, day)
        return ref

    def _becomes(self, ref: str, became: str, day: str) -> None:
        if became in DECISIONS:
            number = len(self.triages) + 1000
            moment = f"{day}T17:00:00+01:00"
            self.triages.append(
                {"activity_ref": f"HA-{number:08d}", "report_ref": ref, "role": "detective_constable"}
                | {"officer_code": "P1", "activity": "triage", "decision": DECISIONS[became]}
                | {"started_at": moment, "hours": "0.5"}
            )
        if became in OUTCOMES:
            self.answer(ref, "outcome", "2026-10-22", outcome_code=OUTCOMES[became])
        if became == "moved":
            self.answer(ref, "transferred", "2026-10-22", transferred_to_force_code="W15000003")

    def answer(self, ref: str, kind: str, day: str, **said: str) -> None:
        number = len(self.answers) + 1
        answer = {"response_ref": f"FR-UPD{number:06d}", "force_code": "E23000001", "incident_ref": ref}
        answer["allocation_ref"] = f"AL-{number:08d}"
        self.answers.append(answer | {"kind": kind, "happened_at": f"{day}T10:00:00+01:00"} | said)

    def files(self, period: str) -> list[tuple[str, Path]]:
        """What was said so far, as files of a day; then nothing more is to say."""
        written = list[tuple[str, Path]]()
        if self.portal:
            path = self.folder / f"true_vision_{period}_000001.csv"
            written.append((TV, _csv(path, TV, self.portal)))
        if self.community:
            path = self.folder / f"community_reports_{period}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in self.community))
            written.append((COMMUNITY, path))
        if self.triages:
            path = self.folder / f"hub_activity_{period}.csv"
            written.append(("hub_activity", _csv(path, "hub_activity", self.triages)))
        if self.answers:
            path = self.folder / f"force_responses_E23000001_{period}.xml"
            path.write_text(_xml(self.answers))
            written.append(("force_responses", path))
        self.portal, self.community, self.triages, self.answers = [], [], [], []
        return written


def _csv(path: Path, feed: str, rows: list[dict[str, str]]) -> Path:
    """With the columns of the feed's own sample."""
    with (EXPECTATIONS / feed / "samples" / "good.csv").open(encoding="utf-8") as sample:
        columns = next(csv.reader(sample))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _xml(answers: list[dict[str, str]]) -> str:
    order = (
        *("response_ref", "force_code", "allocation_ref", "incident_ref", "kind", "happened_at"),
        *("transferred_to_force_code", "outcome_code"),
    )
    told = [
        "<response>"
        + "".join(f"<{name}>{escape(answer[name])}</{name}>" for name in order if name in answer)
        + "</response>"
        for answer in answers
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<forceResponses force="E23000001" count="{len(answers)}">{"".join(told)}</forceResponses>'


def deliver(settings: Settings, catalogue: Catalogue, files: list[tuple[str, Path]]) -> None:
    """By the stages that every delivery takes."""
    for feed, path in files:
        put_files(settings, catalogue.contracts[feed], [path])


def grid(world: World) -> dict[str, str]:
    """A report of every kind, and some by name."""
    for became, is_victim, (has_email, agrees) in itertools.product(PLACES, EMPTY, ANSWERS):
        if became == "crime_end" or has_email == (is_victim != "yes"):
            email = {} if has_email else {"reporter_email": ""}
            world.report(became, reporter_is_victim=is_victim, consent_contact=agrees, **email)
    for became, reporter, victim in itertools.product(("crime_end", "not_police"), (True, False), (True, False)):
        for consent in (True, False):
            said = {} if reporter else {"reporter_email": None}
            world.case(became, consent_contact=consent, **said, **({} if victim else {"victim_email": None}))
    named = {
        "anonymous": world.report(
            "force", is_anonymous="yes", reporter_name="", reporter_email="", consent_contact="no"
        ),
        "same person": world.case(
            "crime_end", reporter_email="one@same.example.org", victim_email="one@same.example.org"
        ),
    }
    for name, address in ADDRESSES.items():
        named[name] = world.report("crime_end", reporter_is_victim="yes", reporter_email=address)
    named["as victim"] = world.case("crime_end", victim_email="kai.doe@Shared.Example.org")
    number = world.count
    day, url, text = world.happens(number + 1)
    together = {"content_url": url, "occurred_on": day, "description": text, "crime_reference": "01/4711/26"}
    for name in ("first of two", "second of two"):
        named[name] = world.report("force", reporter_is_victim="yes", reported_at=f"{day}T14:00:00+00:00", **together)
    for name in ("withdraws consent", "comes again", "loses address", "is erased"):
        named[name] = world.report("crime_end", reporter_is_victim="yes")
    named["old address"] = world.report("force", reporter_email="changes@before.example.org")
    named["new address"] = world.report("force", reporter_email="changes@after.example.org")
    named["changes address"] = world.report(
        "crime_end", reporter_is_victim="yes", reporter_email="changes@before.example.org"
    )
    named["after midnight"] = world.report("desk", reported_at="2026-05-15T00:30:00+01:00", occurred_on="2026-05-14")
    named["agrees later"] = world.report("crime_end", reporter_is_victim="yes", consent_contact="no")
    return named


@dataclass(frozen=True)
class UpdatesHub:
    """A hub that was built and published from these files, which nobody was told anything of yet."""

    settings: Settings
    files: tuple[tuple[str, Path], ...]
    named: dict[str, str]


def fill(settings: Settings, catalogue: Catalogue, folder: Path) -> UpdatesHub:
    """The grid in one delivery; in two of their own a report that the hub made up, and one that is withdrawn later."""
    world = World(folder)
    named = grid(world)
    files = [(feed, stored_sample(catalogue.contracts[feed], "good")) for feed in (TV, COMMUNITY)]
    deliver_later = len(files)
    files += world.files("2026-10-23")
    for name, period in (("is a sample", "2026-10-24"), ("is withdrawn", "2026-10-25")):
        named[name] = world.report("crime_end", reporter_is_victim="yes")
        files += world.files(period)
        if name == "is a sample":
            with open_warehouse(settings, Role.OWNER).begin() as connection:
                [path] = [path for feed, path in files if feed == TV and period in path.name]
                note_simulated(connection, [hashlib.sha256(path.read_bytes()).hexdigest()])
    deliver(settings, catalogue, files[deliver_later:])
    build_warehouse(settings)
    publish(settings, open_warehouse(settings, Role.PUBLISHER))
    return UpdatesHub(settings, tuple(files), named)


def row_of(files: tuple[tuple[str, Path], ...], ref: str) -> dict[str, str]:
    """The newest row of the portal with this reference, as delivered."""
    found = dict[str, str]()
    for feed, path in files:
        if feed == TV:
            with path.open(newline="", encoding="utf-8") as file:
                found = next((row for row in csv.DictReader(file) if row["report_ref"] == ref), found)
    assert found
    return found


def correct(hub: UpdatesHub, catalogue: Catalogue, period: str, changes: dict[str, dict[str, str]]) -> UpdatesHub:
    """The hub after a delivery of these reports again, by name, with what has changed of each; not built yet."""
    world = World(hub.settings.home)
    world.portal = [row_of(hub.files, hub.named[name]) | change for name, change in changes.items()]
    files = world.files(period)
    deliver(hub.settings, catalogue, files)
    return replace(hub, files=(*hub.files, *files))

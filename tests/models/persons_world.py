"""Reports of made-up people in every combination of consent and detail, and who of them a package may name: worked out
from the files that were delivered, and from nothing that the hub has made of them."""

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from models.persons_made_up import made_up_person, made_up_word

TV, CR = "true_vision_reports", "community_reports"
FIELDS = ("name", "date_of_birth", "postcode", "email", "phone")
COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    TV: {"victim": ("name", "date_of_birth", "postcode"), "reporter": ("name", "email", "phone")},
    CR: {"victim": FIELDS, "reporter": ("name", "email", "phone")},
}
LONDON, MANCHESTER, BIRMINGHAM = "E23000001", "E23000005", "E23000014"
"""The first takes persons; all that goes to the second is encrypted, too, and nothing that goes to the third."""
PLACES = {
    LONDON: {"offence_postcode_district": "N1", "borough_named": "Islington"},
    MANCHESTER: {"offence_postcode_district": "M1", "borough_named": "Manchester"},
    BIRMINGHAM: {"offence_postcode_district": "B1", "borough_named": "Birmingham"},
}
PARTS = {"": (), "full": FIELDS, "postcode": ("postcode",), "name": ("name",), "email": ("email",)}
Key = tuple[str, str]
People = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Report:
    """What one row of a file states."""

    feed: str
    ref: str
    incident: int
    is_consented: bool
    people: People
    is_anonymous: bool = False
    force: str = LONDON
    platform: str | None = None

    @property
    def key(self) -> Key:
        return self.feed, self.ref

    def row(self) -> dict[str, Any]:
        chance = random.Random(f"incident {self.incident}")
        said: dict[str, Any] = {
            "reported_at": "2026-10-03T10:00:00+01:00",
            "occurred_on": "2026-10-02",
            "content_url": f"https://example.org/{made_up_word(chance, 4)}/{self.incident:05d}",
            "description": " ".join(made_up_word(chance, 3) for _ in range(12)),
            "is_online": "yes" if self.platform else "unknown",
            "platform": self.platform,
            "force_named": self.force,
            **PLACES[self.force],
        }
        for role, values in self.people.items():
            said |= {f"{role}_{name}": value for name, value in values.items()}
        purposes = {"share_police": self.is_consented, "share_anonymised": True, "refer_support": False}
        consents = {f"consent_{name}": value for name, value in (purposes | {"contact": False}).items()}
        if self.feed == TV:
            said |= {name: "yes" if value else "no" for name, value in consents.items()}
            return said | {
                "report_ref": self.ref,
                "strands": "race",
                "is_anonymous": "yes" if self.is_anonymous else "no",
                "reporter_is_victim": "no",
            }
        return said | consents | {"body_code": "tell_mama", "case_ref": self.ref, "strands": ["race"]}


@dataclass
class File:
    """A file of a feed; ``day`` and ``number`` are its place among the others, before the moment it came. Rows that are
    ``quarantined`` state nothing, before they are released, as a file of their own; ``rows`` are all, as they came."""

    feed: str
    day: str
    number: int = 1
    reports: list[Report] = field(default_factory=list)
    quarantined: list[Report] = field(default_factory=list)
    rejected: list[Report] = field(default_factory=list)
    rows: list[Report] = field(default_factory=list)
    is_withdrawn: bool = False
    is_release: bool = False

    @property
    def name(self) -> str:
        if self.feed == TV:
            return f"true_vision_{self.day}_{self.number:06d}.csv"
        return f"community_reports_{self.day}.jsonl"

    def content(self) -> bytes:
        rows = [one.row() for one in (*self.reports, *self.quarantined)]
        if self.feed == CR:
            return "".join(json.dumps(row) + "\n" for row in rows).encode()
        target = io.StringIO()
        writer = csv.DictWriter(target, TV_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return target.getvalue().encode()


TV_COLUMNS = (
    *("report_ref", "reported_at", "occurred_on", "is_anonymous", "reporter_is_victim", "reporter_name"),
    *("reporter_email", "reporter_phone", "victim_name", "victim_date_of_birth", "victim_postcode", "strands"),
    *("is_online", "platform", "content_url", "description", "offence_postcode_district", "offence_lsoa_code"),
    *("borough_named", "force_named", "crime_reference", "is_threat_to_life", "consent_share_police"),
    *("consent_share_anonymised", "consent_refer_support", "consent_contact"),
)


class Maker:
    """Makes reports with references, incidents and people of their own."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()

    def _next(self, kind: str) -> int:
        self._made[kind] += 1
        return self._made[kind]

    def report(
        self, feed: str, is_consented: bool, victim: str = "full", reporter: str = "full", **said: Any
    ) -> Report:
        number = self._next("reports")
        people = {
            role: {name: value for name, value in made_up_person(self._next("people")).items() if name in wanted}
            for role, parts in (("victim", victim), ("reporter", reporter))
            if (wanted := set(PARTS[parts]) & set(COLUMNS[feed][role]))
        }
        ref = f"TV-{number:08d}" if feed == TV else f"TM-{number:08d}"
        return Report(feed, ref, said.pop("incident", None) or self._next("incidents"), is_consented, people, **said)

    def again(self, one: Report, is_consented: bool) -> Report:
        """What a correction states: another consent, and other people of the same roles."""
        people = {role: {n: v for n, v in made_up_person(self._next("people")).items() if n in old}
                  for role, old in one.people.items()}  # fmt: skip
        said = {name: value for name, value in vars(one).items() if name not in ("is_consented", "people")}
        return Report(is_consented=is_consented, people=people, **said)


def singles(maker: Maker) -> Iterator[Report]:
    """One report an incident: all consents and details, by each feed, anonymous or not."""
    for is_consented, victim in product((True, False), ("", "full", "postcode", "name")):
        yield maker.report(TV, is_consented, victim, "", is_anonymous=True)
        for reporter in ("", "full", "email"):
            yield maker.report(TV, is_consented, victim, reporter)
            yield maker.report(CR, is_consented, victim, reporter)


def pairs(maker: Maker) -> Iterator[Report]:
    """Two reports of one incident: each consent and detail beside each."""
    kinds = list(product((True, False), (("", ""), ("full", ""), ("", "email"), ("full", "full"), ("postcode", ""))))
    feeds = [(TV, TV), (TV, CR), (CR, TV), (CR, CR)]
    for number, ((one, details), (other, others)) in enumerate(product(kinds, kinds)):
        if (one, details) > (other, others):
            continue
        first, second = feeds[number % 4]
        report = maker.report(first, one, *details)
        yield report
        yield maker.report(second, other, *others, incident=report.incident)


def elsewhere(maker: Maker) -> Iterator[Report]:
    """What goes to forces that are not to be told of persons, and to a provider beside the force."""
    for force, feed, consent in product((MANCHESTER, BIRMINGHAM), (TV, CR), (True, False)):
        yield maker.report(feed, consent, force=force)
    for feed, consent in product((TV, CR), (True, False)):
        yield maker.report(feed, consent, platform="x")


@dataclass
class Told:
    """All files that came, in the order in which they came; those after ``count_built`` no build has seen."""

    files: list[File] = field(default_factory=list)
    count_built: int = 0

    def newest(self, key: Key) -> tuple[File, Report]:
        """The statement of a report that stands, of what was built: of the file with the latest place, the last row."""
        found = [
            ((file.day, file.number, place, row), file, report)
            for place, file in enumerate(self.files[: self.count_built])
            for row, report in enumerate(file.reports)
            if report.key == key
        ]
        _, file, report = max(found, key=lambda one: one[0])
        return file, report

    def is_changed(self, key: Key) -> bool:
        """Whether something came since, or went, on which the statement rests."""
        published = self.newest(key)[1]
        later = any(
            report.key == key and not (file.is_release and report == published)  # what was let in beside it is not news
            for file in self.files[self.count_built :]
            for report in file.reports
        )
        return later or self.newest(key)[0].is_withdrawn


Named = dict[tuple[Key, str], Mapping[str, str]]


def may_be_named(told: Told, keys: Iterable[Key], takes_persons: bool) -> tuple[Named, set[str | None]]:
    """Whom a package about these reports has to name, and nobody else; and which reasons there are for nobody."""
    keys = list(keys)
    reports = [told.newest(key)[1] for key in keys]
    reasons: set[str | None] = set()
    if not takes_persons:
        reasons.add("not_encrypted")
    if any(told.is_changed(key) for key in keys):
        reasons.add("report_changed")
    if any(one.people and not one.is_consented for one in reports):
        reasons.add("no_consent")
    named = {} if reasons else {(one.key, role): values for one in reports for role, values in one.people.items()}
    return named, reasons or {None}


@dataclass
class World:
    """The reports of each kind of history, by its name and feed; ``told`` has the files, as they come."""

    told: Told = field(default_factory=Told)
    histories: dict[str, list[Report]] = field(default_factory=dict)
    built: list[File] = field(default_factory=list)
    unseen: list[File] = field(default_factory=list)
    taken_back: list[File] = field(default_factory=list)
    released: list[File] = field(default_factory=list)


def make_world() -> World:
    """What comes before the publish (``built``), and after it (``unseen``; ``taken_back`` is withdrawn then, and of
    ``released`` the rows that were quarantined are let in)."""
    maker, world = Maker(), World()
    everything = [*singles(maker), *pairs(maker), *elsewhere(maker)]
    for feed in (TV, CR):
        files = {name: File(feed, day, number) for name, (day, number) in DAYS.items()}

        def history(name: str, base: str, *, feed: str = feed, files: dict[str, File] = files) -> list[Report]:
            """Four reports in a file: with and without consent, each of which what comes later may turn round."""
            made = [maker.report(feed, is_consented) for is_consented in (True, True, False, False)]
            files[base].reports += made
            world.histories[f"{name} {feed}"] = made
            return made

        def correct(reports: Iterable[Report], into: str, *, files: dict[str, File] = files) -> None:
            """Let one of two keep its consent, and the other not."""
            for number, one in enumerate(reports):
                files[into].reports.append(maker.again(one, one.is_consented == (number % 2 == 0)))

        files["first"].reports += [one for one in everything if one.feed == feed]
        history("nothing more", "first")
        correct(history("corrected", "first"), "corrections")
        correct(history("late and older", "first"), "older")
        correct(history("the same file again", "again"), "corrections")
        correct(history("the same file again, unseen", "again later"), "corrections")
        correct(history("base withdrawn", "taken back"), "corrections")
        history("withdrawn", "taken back")
        correct(history("news", "first"), "news")
        for name, into in (("stated again", "restating"), ("stated again, unseen", "restating news")):
            stated = history(name, "first")
            correct(stated, "corrections")
            files[into].reports += stated
        same = history("unchanged, stated again", "first")
        files["restating"].reports += same
        if feed == TV:
            held = history("released", "first")
            files["held"].reports.append(maker.report(feed, True))
            files["held"].quarantined += [replace(maker.again(one, False), is_anonymous=True) for one in held]
            world.released.append(files["held"])
            world.built.append(files["held"])
        beside = history("beside news", "first")
        others = [maker.report(feed, True, incident=one.incident) for one in beside]
        files["first"].reports += others
        files["news"].reports += [maker.again(one, True) for one in others]
        world.built += [files[name] for name in ("first", "again", "again later", "taken back", "corrections", "older")]
        world.built += [File(feed, "2026-10-09", 1, files["again"].reports), files["restating"]]
        world.unseen += [
            files["news"],
            files["restating news"],
            File(feed, "2026-10-12", 2, files["again later"].reports),
        ]
        world.taken_back.append(files["taken back"])
    return world


DAYS = {
    "first": ("2026-10-05", 1),
    "again": ("2026-10-05", 2),
    "again later": ("2026-10-05", 3),
    "taken back": ("2026-10-06", 1),
    "corrections": ("2026-10-07", 1),
    "older": ("2026-10-04", 1),
    "held": ("2026-10-08", 1),
    "restating": ("2026-10-10", 1),
    "news": ("2026-10-12", 1),
    "restating news": ("2026-10-13", 1),
}

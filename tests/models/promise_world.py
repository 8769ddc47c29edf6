"""Reports in every combination of consents and roles, and what of them may leave the hub at a moment: worked out from
the files that were delivered until then, and from nothing that the hub has made of them."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import product
from typing import Any

from models.persons_made_up import made_up_word
from models.persons_world import BIRMINGHAM, CR, MANCHESTER, TV, File, Key, Maker, Report, Told

PERSONAL_ROLES = ("victim", "reporter")
Position = tuple[str, int, int]
"""The place of a file among the others of its feed: its day, its number, and when it came."""


@dataclass(frozen=True)
class Account(Report):
    """What one row states, with all consents. One that ``is_held`` contradicts itself, so that it is quarantined."""

    contact: bool = False
    shared: bool = True
    is_victim: bool = False
    is_held: bool = False

    def row(self) -> dict[str, Any]:
        said = super().row()
        answers = {"consent_contact": self.contact, "consent_share_anonymised": self.shared}
        if self.feed == TV:
            answers["reporter_is_victim"] = self.is_victim
        said |= {name: ("yes" if one else "no") if self.feed == TV else one for name, one in answers.items()}
        return said | ({"is_online": "no", "platform": "forum"} if self.is_held else {})

    @property
    def values(self) -> set[str]:
        return {value for values in self.people.values() for value in values.values()}

    def email(self, role: str) -> str | None:
        return self.people.get(role, {}).get("email")

    @property
    def words(self) -> set[str]:
        """What the reporter wrote, and where it stands."""
        chance = random.Random(f"incident {self.incident}")
        made_up_word(chance, 4)
        return {made_up_word(chance, 3) for _ in range(12)}


class Writer(Maker):
    """Makes accounts, and others in their place."""

    def account(self, feed: str, police: bool, contact: bool, victim: str, reporter: str, **said: Any) -> Account:
        more = {name: said.pop(name) for name in ("shared", "is_victim", "is_held") if name in said}
        return Account(**vars(self.report(feed, police, victim, reporter, **said)), contact=contact, **more)

    def correct(self, one: Account, *, moves: bool = False, **said: Any) -> Account:
        """What a correction states; who ``moves`` has another name, address and telephone number."""
        plain = Report(**{each.name: getattr(one, each.name) for each in fields(Report)})
        people = self.again(plain, one.is_consented).people if moves else one.people
        return replace(one, people=people, is_held=False, **said)


def everything(maker: Writer) -> Iterator[Account]:
    """One report an incident with all consents and roles; two of one incident; others for other recipients."""
    for feed, police, contact in product((TV, CR), (True, False), (True, False)):
        yield maker.account(feed, police, contact, "full", "full")
        yield maker.account(feed, police, contact, "full", "")
        yield maker.account(feed, police, contact, "", "full", is_victim=feed == TV)
    for feeds, agrees in product(((TV, TV), (TV, CR), (CR, CR)), (True, False)):
        one = maker.account(feeds[0], True, True, "full", "full")
        yield one
        yield maker.account(feeds[1], agrees, True, "full", "full", incident=one.incident)
    one = maker.account(TV, True, True, "full", "")
    yield one
    yield maker.account(CR, False, False, "", "", incident=one.incident)
    for force, feed, police in product((MANCHESTER, BIRMINGHAM), (TV, CR), (True, False)):
        yield maker.account(feed, police, True, "full", "full", force=force)
    for feed, shared in product((TV, CR), (True, False)):
        yield maker.account(feed, True, True, "full", "full", platform="x", shared=shared)
    for _ in range(2):  # somebody reports twice
        one = maker.account(TV, True, True, "full", "full")
        other = maker.account(TV, True, True, "full", "full")
        yield one
        yield replace(other, people={**other.people, "reporter": one.people["reporter"]})


@dataclass
class World:
    """The files that come before the first publish, and reports by what is special about them."""

    maker: Writer = field(default_factory=Writer)
    files: list[File] = field(default_factory=list)
    anonymous: list[Account] = field(default_factory=list)


def make_world() -> World:
    world = World()
    accounts = list(everything(world.maker))
    for feed in (TV, CR):
        those = [one for one in accounts if one.feed == feed]
        for number in range(3):
            day = "2026-10-05" if feed == TV else f"2026-10-{5 + number:02d}"
            world.files.append(File(feed, day, number + 1, list(those[number::3])))
    # Whose reporter asked to stay anonymous, and is named all the same: quarantined, and then released by a person.
    world.anonymous = [
        world.maker.account(TV, True, contact, "full", "full", is_anonymous=True) for contact in (False, True)
    ]
    world.files.append(File(TV, "2026-10-05", 4, [world.maker.account(TV, True, True, "full", "full")]))
    world.files[-1].quarantined += world.anonymous
    return world


@dataclass
class Truth(Told):
    """What was delivered, and all that has happened to it since the build on which the publish rests (``touched``)."""

    erased: set[str] = field(default_factory=set)
    stops: set[Key] = field(default_factory=set)
    published: dict[Key, Account] = field(default_factory=dict)
    built: dict[Key, Account] = field(default_factory=dict)
    touched: set[Key] = field(default_factory=set)
    touched_since_build: set[Key] = field(default_factory=set)
    is_key_moved: bool = False

    def touch(self, accounts: Iterable[Report]) -> None:
        keys = {one.key for one in accounts}
        self.touched |= keys
        self.touched_since_build |= keys

    def versions(self, key: Key, *, held: bool = False) -> list[Account]:
        """All that loaded files state of a report, the newest last; those that are ``held`` stand in quarantine."""
        return [one for _, one in self._in_order(key, held=held)]

    def _in_order(self, key: Key, *, held: bool) -> list[tuple[Position, Account]]:
        found = [
            ((file.day, file.number, place), one)
            for place, file in enumerate(self.files)
            if not file.is_withdrawn
            for one in (file.quarantined if held else file.reports)
            if one.key == key and isinstance(one, Account)
        ]
        return sorted(found, key=lambda one: one[0])

    def newest(self, key: Key) -> Account:  # type: ignore[override]
        return self.versions(key)[-1]

    def stated(self) -> list[Key]:
        """The reports of which anything is loaded."""
        found = {one.key for file in self.files if not file.is_withdrawn for one in file.reports}
        return sorted(key for key in found)

    def note_build(self) -> None:
        self.built, self.touched_since_build = {key: self.newest(key) for key in self.stated()}, set()
        self.is_key_moved = False

    def note_publish(self) -> None:
        self.published, self.touched = dict(self.built), set(self.touched_since_build)

    def is_certain(self, key: Key) -> bool:
        """Whether the hub can know that what it has published is what the report says now."""
        versions = self.versions(key)
        stands = versions[-1] if versions else None
        is_known = stands is not None and stands == self.published.get(key)
        return is_known and not (self.is_waited_for(key) or self.is_key_moved)

    def is_waited_for(self, key: Key) -> bool:
        """Whether a person has yet to decide of what may be the newest that was said of a report."""
        stated, held = self._in_order(key, held=False), self._in_order(key, held=True)
        return bool(stated and held) and held[-1][0] >= stated[-1][0]

    def of_incident(self, key: Key) -> set[Key]:
        """The reports that are published with this one."""
        number = next((one.incident for other, one in self.published.items() if other == key), None)
        return {other for other, one in self.published.items() if one.incident == number} | {key}

    def may_be_named(self, keys: Iterable[Key]) -> set[str]:
        """The values of persons that a package about these reports may hold, for the force that has the case."""
        together = {other for key in keys for other in self.of_incident(key)}
        if not all(self.is_certain(key) for key in together):
            return set()
        accounts = [self.newest(key) for key in together]
        if any(one.people and not one.is_consented for one in accounts):
            return set()
        found = set[str]()
        for one in accounts:
            for role, values in one.people.items():
                found |= set() if role == "reporter" and one.is_anonymous else set(values.values())
        return found - self.erased

    def has_to_name(self, keys: Iterable[Key]) -> bool:
        """Whether nothing has happened for which nobody need be named."""
        return not any(self.touched & self.of_incident(key) for key in keys) and not self.is_key_moved

    def is_stopped(self, key: Key, address: str) -> bool:
        """Also by an address that a marked report has given in a file that was withdrawn since."""
        stated = [one for one in every_account(self) if one.key in self.stops]
        given = {one.email(role) for one in stated for role in PERSONAL_ROLES}
        return bool(self.of_incident(key) & self.stops) or address in given

    def is_mark_withdrawn(self) -> bool:
        """Whether no delivery states a marked report any more, so that nobody knows where it would not be safe."""
        return not all(self.versions(key) for key in self.stops)

    def has_to_tell(self, key: Key, kind: str) -> bool:
        """A marked report that came back is known when it is published again."""
        is_every_mark_known = self.stops <= self.published.keys()
        return self.address(key, kind) is not None and self.has_to_name([key]) and is_every_mark_known

    def address(self, key: Key, kind: str) -> str | None:
        """To which address a message may go at this moment."""
        if not self.is_certain(key) or not self.newest(key).contact or self.is_mark_withdrawn():
            return None
        one = self.newest(key)
        reporter, victim = one.email("reporter"), one.email("victim")
        address = (reporter if one.is_victim else victim) if kind == "outcome" else reporter or victim
        if address is None or address in self.erased or self.is_stopped(key, address):
            return None
        return None if one.is_anonymous and address == reporter else address


def every_account(truth: Truth) -> list[Account]:
    """All that any file states, whatever has become of it."""
    rows = (one for file in truth.files for one in (*file.reports, *file.quarantined, *file.rejected))
    return [one for one in rows if isinstance(one, Account)]

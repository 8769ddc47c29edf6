"""What stands in quarantine may say no to a consent: until somebody decides, or the report is stated again, nobody of
it is named and nobody told; of all other reports they are as before."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from hub.vault.hub_keys import Purpose
from models.persons_hub import found_in
from models.persons_world import CR, LONDON, MANCHESTER, TV, TV_COLUMNS, File, Key
from models.promise_hub import PROVIDER, PromisedHub, all_values
from models.promise_walk import package_about
from models.promise_world import Account, Writer, make_world
from models.rows import fetch

FEEDS = (TV, CR)
MOVED_KEYS = (Purpose.PERSON, Purpose.TEXT, Purpose.RECORD, Purpose.MASTER)
OPEN = "select count(*) from quarantine.rows where state = 'open'"


@dataclass(frozen=True)
class Said(Account):
    """A row that is quarantined for what it says ``instead``."""

    instead: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        return super().row() | self.instead


@dataclass
class Spoiled(File):
    """A file with a line for each of ``reports_spoiled`` besides, which cannot be split into columns."""

    reports_spoiled: tuple[Account, ...] = ()

    def content(self) -> bytes:
        return super().content() + "".join(map(_spoiled, self.reports_spoiled)).encode()


def _spoiled(one: Account) -> str:
    """With a cell too much, or cut off."""
    if one.feed == CR:
        return json.dumps(one.row())[:-20] + "\n"
    target = io.StringIO()
    csv.DictWriter(target, TV_COLUMNS, lineterminator="").writerow(one.row())
    return f"{target.getvalue()},more\n"


@pytest.fixture
def hub(promised_hub: PromisedHub) -> PromisedHub:
    return promised_hub


@pytest.fixture
def maker() -> Writer:
    return make_world().maker


def choose(hub: PromisedHub, names: Mapping[str, str], **said: object) -> dict[str, Account]:
    """By name and feed, published reports with persons, each alone in its incident, of which this holds. Those that
    are to agree to be contacted have an address; of the others a package waits for a force that takes persons."""
    waiting = {key for one in hub.waiting() for key in hub.evidence(one)}
    found = [
        one
        for key, one in sorted(hub.truth.published.items())
        if one.platform is None and one.people and not one.is_anonymous
        and (has_address(one) if said.get("contact") else key in waiting and one.force in (LONDON, MANCHESTER))
        and len(hub.truth.of_incident(key)) == 1 and all(getattr(one, name) == value for name, value in said.items())
    ]  # fmt: skip
    chosen = dict[str, Account]()
    for feed in FEEDS:
        those, wanted = [one for one in found if one.feed == feed], names[feed].split()
        chosen |= {f"{name} {feed}": one for name, one in zip(wanted, those[: len(wanted)], strict=True)}
    return chosen


def has_address(one: Account) -> bool:
    return bool(one.email("reporter") or one.email("victim"))


def of_both(names: str) -> dict[str, str]:
    return dict.fromkeys(FEEDS, names)


def refused(one: Account, **said: Any) -> Account:
    """A correction that is quarantined and says no."""
    return replace(one, **({"is_consented": False, "contact": False, "is_held": True} | said))


def come(hub: PromisedHub, maker: Writer, rows: list[Account], day: str = "") -> list[File]:
    """These rows, by one file of each feed, beside a report that nothing is wrong with."""
    before = fetch(hub.owner, OPEN)[0]
    files = []
    for feed in FEEDS:
        those = [one for one in rows if one.feed == feed]
        files.append(hub.comes(*those, maker.account(feed, True, True, "full", "full"), day=day))
    assert fetch(hub.owner, OPEN)[0] - before == sum(one.is_held for one in rows), "each is quarantined"
    return files


def named(hub: PromisedHub, *those: Account) -> set[Key]:
    """Let the packages about these go: of which all persons are named. Of the others nobody is, and it says why."""
    of = {str(one.dispatch_id): one for one in hub.waiting() if one.recipient != PROVIDER}
    keys = {one.key for one in those}
    of = {dispatch: one for dispatch, one in of.items() if hub.evidence(one) & keys}
    assert len(of) == len(those), "each has a package of its own"
    for one in of.values():
        hub.let_go(one)
    found, reasons = {dispatch: set[str]() for dispatch in of}, dict[str, str]()
    for document in hub.send_documents():
        if document.dispatch_id in of:
            found[document.dispatch_id] |= found_in(document.text, all_values(hub.truth))
            if document.text.startswith("{"):
                reasons[document.dispatch_id] = json.loads(document.text)["persons_left_out"]
    for dispatch, one in of.items():
        [key] = hub.evidence(one)
        persons = hub.truth.newest(key).values
        assert found[dispatch] in (set(), persons), key
        wanted = None if found[dispatch] else "report_changed" if hub.truth.newest(key).is_consented else "no_consent"
        assert reasons[dispatch] == wanted, key
    return {key for dispatch, one in of.items() if found[dispatch] for key in hub.evidence(one)}


def told(hub: PromisedHub, *those: Account) -> set[Key]:
    """Let the messages about these go, and what was put off before: of which reports somebody has a message now."""
    keys = {one.key for one in those}
    for update, (key, _) in hub.waiting_messages().items():
        if key in keys:
            hub.let_message_go(update)
    letters = hub.send_messages()
    for one in letters:
        stated = hub.truth.newest(one.key)
        victim, reporter = stated.email("victim"), stated.email("reporter")
        outcome = reporter if stated.is_victim else victim
        assert one.address == (outcome if one.kind == "outcome" else reporter or victim), one
    return {one.key for one in letters}


def keys_of(reports: Mapping[str, Account], names: str) -> set[Key]:
    return {reports[f"{name} {feed}"].key for name in names.split() for feed in FEEDS}


def build_and_publish(hub: PromisedHub, _: list[File]) -> None:
    hub.build()
    hub.publish()


def move_keys(hub: PromisedHub, files: list[File]) -> None:
    for purpose in MOVED_KEYS:
        hub.rotate(purpose)
    build_and_publish(hub, files)


def take_in_again(hub: PromisedHub, files: list[File]) -> None:
    for file in files:
        hub.withdraw(file)
        hub.restore(file)


def nothing(_: PromisedHub, __: list[File]) -> None:
    pass


Happens = Callable[[PromisedHub, list[File]], None]
MOMENTS = [
    nothing,
    *(pytest.param(one, marks=pytest.mark.long) for one in (build_and_publish, move_keys, take_in_again)),
]


@pytest.mark.parametrize("happens", MOMENTS)
def test_until_a_person_rejects_a_correction_nobody_is_named_and_nobody_told(
    hub: PromisedHub, maker: Writer, happens: Happens
) -> None:
    packages = choose(hub, of_both("waits rejected beside older"), is_consented=True)
    messages = choose(hub, of_both("waits rejected beside"), is_consented=False, contact=True)
    come(hub, maker, [refused(one) for name, one in packages.items() if name.startswith("older")], day="2026-09-20")
    held = [(name, one) for those in (packages, messages) for name, one in those.items()]
    files = come(hub, maker, [refused(one) for name, one in held if name.startswith(("waits", "rejected"))])
    happens(hub, files)
    at_first = [one for name, one in packages.items() if not name.startswith("rejected")]
    # Whether a row is older is known once a build has seen its file.
    is_built = happens in (build_and_publish, move_keys)
    assert named(hub, *at_first) == keys_of(packages, "beside older" if is_built else "beside")
    assert told(hub, *messages.values()) == keys_of(messages, "beside")
    for file in files:
        hub.reject(file, *(those[f"rejected {file.feed}"].key for those in (packages, messages)))
    assert named(hub, *(packages[f"rejected {feed}"] for feed in FEEDS)) == keys_of(packages, "rejected")
    assert told(hub) == keys_of(messages, "rejected"), "what was put off goes, and the other is still put off"


@pytest.mark.long
def test_what_was_released_or_stated_again_counts_as_consents_say(hub: PromisedHub, maker: Writer) -> None:
    packages = choose(hub, of_both("waits refuses same moved"), is_consented=True)
    messages = choose(hub, of_both("agrees refuses same moved"), is_consented=False, contact=True)
    everyone = [(name, one) for those in (packages, messages) for name, one in those.items()]
    rows = [
        refused(maker.correct(one, moves=True), is_consented=True, contact=True)
        if name.startswith("agrees") else refused(one) for name, one in everyone
    ]  # fmt: skip
    files = come(hub, maker, rows)
    assert told(hub, *messages.values()) == set()
    for file in files:
        agrees, refuses = messages[f"agrees {file.feed}"], messages[f"refuses {file.feed}"]
        hub.release(file, agrees.key, refuses.key, packages[f"refuses {file.feed}"].key)
    come(hub, maker, [one for name, one in everyone if name.startswith("same")])
    come(hub, maker, [maker.correct(one, moves=True) for name, one in everyone if name.startswith("moved")])
    build_and_publish(hub, files)
    agreed = [messages[f"agrees {feed}"] for feed in FEEDS]
    wanted = keys_of(packages, "same moved") | keys_of(messages, "agrees")
    assert named(hub, *packages.values(), *agreed) == wanted
    assert told(hub) == keys_of(messages, "agrees same moved")


NO_REPORT = {TV: "TV-99999999", CR: "TM-99999999"}
AS_BEFORE: dict[str, Any] = {"is_online": "unknown", "platform": None}


def test_a_row_holds_back_the_report_whose_key_it_has_and_no_other(hub: PromisedHub, maker: Writer) -> None:
    """Whatever is wrong with the row; what has no key, or that of no report, holds nobody back."""
    names = "consent none empty spoiled"
    packages = choose(hub, {TV: names, CR: f"{names} body nobody"}, is_consented=True)
    messages = choose(hub, of_both("moment silent beside"), is_consented=False, contact=True)
    rows = list[Account]()
    for feed in FEEDS:
        rows.append(row_of(packages[f"consent {feed}"], {"consent_share_police": "perhaps"}))
        rows.append(row_of(messages[f"moment {feed}"], {"reported_at": "yesterday"}))
        rows.append(row_of(messages[f"silent {feed}"], {"description": None}))
        rows.append(row_of(replace(packages[f"none {feed}"], ref=NO_REPORT[feed]), {"platform": "nowhere"}))
        column = "report_ref" if feed == TV else "case_ref"
        rows.append(row_of(replace(packages[f"empty {feed}"], ref=""), {column: None}))
    for name, code in (("body", "cst"), ("nobody", None)):
        one = packages[f"{name} {CR}"]
        instead: dict[str, Any] = {"case_ref": one.ref, "body_code": code, "platform": "nowhere"}
        rows.append(row_of(replace(one, ref=f"{name} {one.ref}"), instead))
    come(hub, maker, rows)
    for feed in FEEDS:
        beside = [maker.account(feed, True, True, "full", "full")]
        hub.deliver(Spoiled(feed, "2026-11-20", 90, [*beside], reports_spoiled=(packages[f"spoiled {feed}"],)))
    others = {one.key for name, one in packages.items() if not name.startswith("consent")}
    assert named(hub, *packages.values()) == others
    assert told(hub, *messages.values()) == keys_of(messages, "beside")


def row_of(one: Account, instead: dict[str, Any]) -> Said:
    """A correction that says no and is wrong in this alone."""
    return Said(**vars(refused(one)), instead=AS_BEFORE | instead)


@pytest.mark.long
def test_a_second_row_of_the_same_delivery_and_one_of_the_same_incident_hold_back(
    hub: PromisedHub, maker: Writer
) -> None:
    one = next(one for one in hub.truth.published.values() if is_of_two(hub, one))
    [other] = hub.truth.of_incident(one.key) - {one.key}
    fresh = [[maker.account(feed, True, True, "full", "full") for _ in range(3)] for feed in FEEDS]
    files = [hub.comes(*those, *(row_of(one, {}) for one in those[:2])) for those in fresh]
    come(hub, maker, [refused(one)])
    build_and_publish(hub, files)
    for file, (_, decided, _) in zip(files, fresh, strict=True):
        hub.reject(file, decided.key)
    free = {one.key for _, *those in fresh for one in those}
    assert named(hub, *(one for those in fresh for one in those)) == free
    assert told(hub, *(one for those in fresh for one in those)) == free
    assert package_about(hub, one.key) == set()
    assert told(hub, one, hub.truth.newest(other)) == {other}


def is_of_two(hub: PromisedHub, one: Account) -> bool:
    """Whether a package waits about it and another report, and both agree to everything."""
    those = [hub.truth.published[key] for key in hub.truth.of_incident(one.key)]
    waits = any(one.key in hub.evidence(each) for each in hub.waiting())
    return waits and len(those) == 2 and all(each.is_consented and each.contact and each.people for each in those)

"""A package names whom the files that were delivered let it name, and nobody else: over all consents, details, feeds,
corrections and recipients, in a hub that took the files in, built, published and sent."""

import json
import logging
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.dispatch.ledger import Dispatch
from hub.ingest.release import release_row
from hub.ingest.withdrawal import withdraw_delivery
from hub.publish import publish
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.persons_hub import PROVIDERS_DESK, Hub, Opened, found_in, personal, sha256
from models.persons_world import BIRMINGHAM, CR, LONDON, MANCHESTER, TV, File, Maker, Named, World, may_be_named
from models.rows import fetch
from searching import files_holding

WRITTEN = """
    select format('%I.%I', schemaname, tablename) from pg_tables
    where schemaname in ('audit', 'quarantine') or schemaname = 'ledger' and tablename not in ('restated_records')
"""


def deviations(hub: Hub, one: Dispatch, opened: Opened, words: set[str]) -> Iterator[str]:
    """What a package says otherwise than the files that were delivered let it say."""
    keys = list(opened.keys.values())
    for report in opened.said["evidence"]:
        file, _ = hub.told.newest((report["feed"], report["report_ref"]))
        assert report["delivery_sha256"] == sha256(file.content()), "it rests on another file than we think"
    may, reasons = may_be_named(hub.told, keys, one.recipient == LONDON)
    history = sorted({name for name, reports in hub.histories.items() for report in reports if report.key in keys})
    told = f"{one.recipient} {keys} {history}: {opened.said['persons_left_out']} for {sorted(map(str, reasons))}"
    if opened.named != may:
        yield f"{told}: names {sorted(opened.named)} for {sorted(may)}"
    has_details = any(hub.told.newest(key)[1].people for key in keys)
    if opened.said["persons_left_out"] not in reasons and has_details:
        yield f"{told}: another reason"
    # JSON and PDF hold each value that may be told, and none of all others.
    values = {value for person in may.values() for value in person.values()}
    for form, found in (
        ("JSON", found_in(opened.text, words)),
        ("PDF", found_in(opened.pdf, words)),
    ):
        if found != values:
            yield f"{told}: in its {form} are {found} for {values}"


def everybody(world: World) -> set[str]:
    """Every value of every person who is in a file."""
    files = [*world.built, *world.unseen, *world.told.files]
    return personal(report for file in files for report in (*file.reports, *file.quarantined))


def let_things_happen(hub: Hub, world: World) -> None:
    """What comes after the publish: corrections, files and rows that came before, a withdrawal, released rows."""
    for file in world.unseen:
        hub.deliver(file)
    for file in world.taken_back:
        place = next(number for number, one in enumerate(hub.came) if one is file)
        withdraw_delivery(hub.settings, hub.catalogue, hub.ids[place], because="sent by mistake", decided_by="a.person")
        file.is_withdrawn = True
    for file in world.released:
        release(hub, file)


def assert_all_name_whom_they_may(hub: Hub, waiting: list[Dispatch], words: set[str]) -> dict[Dispatch, Named]:
    """Send what waits, and check it, the log of the vault, and the ledger."""
    entry, written = hub.newest_entry(), hub.written_down()
    hub.send()
    sent = {one.dispatch_id for one in hub.dispatches() if one.state.value == "sent"}
    assert sent >= {one.dispatch_id for one in waiting}
    opened = {one: hub.open(one) for one in waiting}
    found = [said for one in waiting for said in deviations(hub, one, opened[one], words)]
    assert not found, "\n".join(found)
    named = {one: opened[one].named for one in waiting}
    # What was read of the vault, and who was written down, are those who are named, no more and no fewer.
    reads = Counter(f"{key[0]}.{role}" for persons in named.values() for key, role in persons)
    assert hub.reads_since(entry) == dict(reads)
    assert hub.purposes_since(entry) == {
        f"dispatch {one.allocation_ref} to {LONDON}" for one, persons in named.items() if persons
    }
    assert hub.written_down() - written == {
        (str(one.dispatch_id), report_id, role)
        for one, persons in named.items()
        for report_id, key in opened[one].keys.items()
        for other, role in persons
        if other == key
    }
    assert audit.verify(hub.settings, hub.owner)[1] == []
    return named


@pytest.mark.long
def test_packages_name_whom_the_files_let_them_name_and_nobody_else(
    persons_hub: tuple[Hub, World], caplog: pytest.LogCaptureFixture
) -> None:
    hub, world = persons_hub
    caplog.set_level(logging.DEBUG)
    hub.recipients()
    hub.histories = world.histories
    hub.prepare()
    waiting = hub.dispatches()
    assert Counter(one.recipient for one in waiting).keys() == {LONDON, MANCHESTER, BIRMINGHAM, PROVIDERS_DESK}
    let_things_happen(hub, world)
    named = assert_all_name_whom_they_may(hub, waiting, everybody(world))
    assert sum(bool(one) for one in named.values()) > 40
    assert sum(not one for one in named.values()) > 40
    assert_nothing_is_in_clear(hub, everybody(world))
    assert_proofs_tell_nothing(hub, named)
    assert not any(word in caplog.text for word in everybody(world))


@pytest.mark.long
def test_so_they_do_after_a_build_that_is_not_published_and_after_the_next_publish(
    persons_hub: tuple[Hub, World],
) -> None:
    hub, world = persons_hub
    hub.recipients()
    hub.histories = world.histories
    hub.prepare()
    first = hub.dispatches()
    let_things_happen(hub, world)
    build_warehouse(hub.settings)
    released = [file for file in hub.told.files if file.is_release]
    for file, came in zip(released, world.released, strict=True):
        file.reports = came.quarantined  # the others of that file are as they were
    named = assert_all_name_whom_they_may(hub, first, everybody(world))
    corrected = [one for feed in (TV, CR) for one in world.histories[f"nothing more {feed}"][:2]]
    maker = Maker()
    for feed in (TV, CR):
        now = [maker.again(one, number % 2 == 0) for number, one in enumerate(corrected) if one.feed == feed]
        hub.deliver(File(feed, "2026-10-20", 1, now))
    build_warehouse(hub.settings)
    publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER))
    all_is_published(hub, world)
    hub.prepare()
    later = [one for one in hub.dispatches() if one.state.value == "prepared"]
    assert len(later) > 30
    assert_all_name_whom_they_may(hub, later, everybody(world))
    assert_nothing_is_in_clear(hub, everybody(world))
    # Of a package whose place another has taken, its recipient is told, too, when somebody whom it named is erased.
    for one in corrected:
        [old] = [dispatch for dispatch in named if one.key in hub.evidence(dispatch) and dispatch.recipient == LONDON]
        assert (one.key, "victim") in named[old]
        hub.erase(one, "victim")
        hub.send()
        told = json.loads(hub.document(f"{old.dispatch_id}.erasure-1.json"))
        assert [who["role"] for who in told["persons"]] == ["victim"]


def release(hub: Hub, file: File) -> None:
    """Let the rows of a file in that were quarantined, under the file that brought them: it is another than the build
    has seen."""
    ids = fetch(hub.owner, "select quarantine_id from quarantine.rows where rule = 'reporter_name.anonymous'")
    assert len(ids) == len(file.quarantined) > 0
    for one in ids:
        assert release_row(hub.settings, hub.owner, hub.catalogue, one, "a.person").is_new
    hub.told.files.append(File(file.feed, file.day, file.number, [*file.reports, *file.quarantined], is_release=True))


def test_who_did_not_agree_is_not_named_even_where_the_publish_says_that_all_did(
    persons_hub: tuple[Hub, World],
) -> None:
    """What a report says itself holds, too."""
    hub, world = persons_hub
    hub.london(approval="always")
    hub.change_publish("is_personal_data_shareable = true")
    hub.prepare()
    reports = [one for feed in (TV, CR) for one in world.histories[f"nothing more {feed}"]]
    sent = [(one, hub.approve(one.key)) for one in reports]
    hub.send()
    for report, one in sent:
        assert {role for _, role in hub.open(one).named} == (report.people.keys() if report.is_consented else set())


@pytest.mark.parametrize("kind", ["other_country", "other_agency", "community_hub"])
def test_a_body_that_is_no_police_force_is_told_of_nobody(persons_hub: tuple[Hub, World], kind: str) -> None:
    """People agreed that the police have their details; a force's desk can take what is for others, too."""
    hub, world = persons_hub
    hub.london(approval="always", allocations=[{"target_kind": kind, "target_code": "somebody"}])
    report = world.histories[f"nothing more {TV}"][0]
    hub.change_publish(f"target_kind = '{kind}', target_code = 'somebody'")
    hub.prepare()
    one = hub.approve(report.key)
    hub.send()
    assert hub.open(one).said["persons"] == []
    assert hub.written_down() == set()


def test_a_file_that_began_to_come_again_before_a_build_and_came_after_it_is_not_taken_as_seen(
    persons_hub: tuple[Hub, World],
) -> None:
    """The moment of receipt is that at which its transaction began, which may have waited for another to end; its rows
    state again that the report does not agree."""
    hub, world = persons_hub
    hub.london(approval="always")
    hub.prepare()
    report = world.histories[f"the same file again, unseen {TV}"][3]
    assert (report.is_consented, hub.told.newest(report.key)[1].is_consented) == (False, True)
    hub.deliver(next(file for file in world.unseen if report in file.reports))
    built = "(select max(started_at) from ledger.builds)"
    waited = f"""
        update ledger.deliveries set received_at = {built} - interval '1 second'
        where status = 'duplicate' and received_at > {built}
    """
    with hub.owner.begin() as connection:
        assert connection.execute(sa.text(waited)).rowcount == 1
    one = hub.approve(report.key)
    hub.send()
    assert hub.open(one).named == {}
    assert hub.written_down() == set()


def test_where_nobody_gave_any_detail_nobody_is_said_to_have_refused(persons_hub: tuple[Hub, World]) -> None:
    """All that the reports say is said, whether they agreed or not: nobody was asked about details of theirs."""
    hub, world = persons_hub
    hub.london(approval="always")
    hub.prepare()
    reports = [one for file in world.built for one in file.reports if not one.people and one.incident <= 40]
    assert {one.is_consented for one in reports} == {True, False}
    sent = {one.key: hub.approve(one.key) for one in reports}
    hub.send()
    said = {key: hub.open(one).said for key, one in sent.items()}
    assert {tuple(one["persons"]) for one in said.values()} == {()}
    assert {key: one["persons_left_out"] for key, one in said.items()} == dict.fromkeys(said)


def all_is_published(hub: Hub, world: World) -> None:
    """Nothing is unseen any more: what was withdrawn has never been, what was released is in the file it came in."""
    hub.told.files = [file for file in hub.told.files if not (file.is_withdrawn or file.is_release)]
    for file in world.released:
        file.reports, file.quarantined = [*file.reports, *file.quarantined], []
    hub.told.count_built = len(hub.told.files)


@pytest.mark.long
def test_after_the_next_publish_the_newest_package_of_each_incident_names_whom_it_may(
    persons_hub: tuple[Hub, World],
) -> None:
    """Who was left out because a report had changed is named by the package that follows, as the first has said."""
    hub, world = persons_hub
    hub.recipients()
    hub.histories = world.histories
    hub.prepare()
    let_things_happen(hub, world)
    hub.send()
    build_warehouse(hub.settings)
    publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER))
    all_is_published(hub, world)
    hub.prepare()
    hub.send()
    newest = {one.allocation_id: one for one in hub.dispatches() if one.state.value == "sent"}
    assert len(newest) > 200
    words = everybody(world)
    found = [said for one in newest.values() for said in deviations(hub, one, hub.open(one), words)]
    assert not found, "\n".join(found)


def assert_nothing_is_in_clear(hub: Hub, everybody: set[str]) -> None:
    """Nowhere but in sealed documents."""
    telling = {word for word in everybody if not word[:4].isdigit()}  # dates of birth are days in calendars, too
    long = {word for word in everybody if len(word) > 7}  # what is sealed could hold a short one by chance
    lying = [path for path in hub.settings.pickup_folder.rglob("*") if path.is_file()]
    assert len(lying) > 400
    for path in lying:
        content = path.read_bytes().decode("latin-1")
        assert not found_in(content, long), path
    some = sorted(telling, key=lambda word: sha256(word.encode()))[:12]  # each file is read for each of them
    assert files_holding(hub.settings.home, some) == set()
    # All tables: test_seeded_victims. These are those to which a round of dispatching writes.
    written = [f"select t::text from {name} as t" for name in fetch(hub.owner, WRITTEN)]
    rows = "\n".join(row for query in written for row in fetch(hub.owner, query)).lower()
    assert {word for word in telling if word.lower() in rows or word.encode().hex() in rows} == set()


def assert_proofs_tell_nothing(hub: Hub, named: dict[Dispatch, Named]) -> None:
    """Names cannot be tried against a proof: it holds the hash of what the ledger has, and none of what was sent."""
    proofs = "\n".join(proof for _, proof in hub.proofs())
    for one, persons in named.items():
        if persons:
            sent = {ending: hub.document(f"{one.dispatch_id}{ending}") for ending in (".json", ".pdf")}
            assert not any(sha256(content) in proofs for content in sent.values())
            assert sha256(hub.kept(one).encode()) in proofs

"""Nothing that leaves the hub (packages, withdrawals, notices, mails, answer pages, extracts) has values that consent
or purpose forbids, according to the files delivered so far. Values that they clearly allow do arrive."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hub.contracts.model import read_catalogue
from hub.vault.hub_keys import Purpose
from models.persons_world import BIRMINGHAM, LONDON, MANCHESTER, TV
from models.promise_fixtures import Made
from models.promise_hub import PROVIDER, PromisedHub, all_values, all_words
from models.promise_walk import addresses_told, approved_and_sent, let_something_happen, outside_views, package_about
from models.promise_world import Account, World, make_world
from models.rows import fetch


@pytest.fixture
def world(promise_published: Made) -> World:
    return promise_published[1]


@pytest.fixture
def hub(promised_hub: PromisedHub) -> PromisedHub:
    return promised_hub


def reports_of(hub: PromisedHub, force: str = LONDON, **said: object) -> list[Account]:
    """Published reports of a force that have these values, each the only report of its incident, with a victim and a
    reporter who did not ask to stay anonymous."""
    published = hub.truth.published
    waiting = {key for one in hub.waiting() for key in hub.evidence(one)}
    return [
        one
        for key, one in sorted(published.items())
        if key in waiting and one.force == force and one.platform is None and len(hub.truth.of_incident(key)) == 1
        and one.people.keys() >= {"victim", "reporter"} and not one.is_anonymous
        and all(getattr(one, name) == value for name, value in said.items())
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_through_random_events_no_forbidden_value_leaves_and_allowed_ones_arrive(hub: PromisedHub, seed: int) -> None:
    chance, maker = random.Random(f"promise {seed}"), make_world().maker
    named = told = 0
    for step in range(14):
        for _ in range(chance.randint(1, 2)):
            let_something_happen(hub, maker, chance, may_move_key=step in (7, 13))
        count_named, count_told = approved_and_sent(hub, chance)
        named, told = named + count_named, told + count_told
        if step == 8 or (step == 9 and seed % 2):
            hub.build()
        if step == 9:
            hub.publish()
    assert named > 5, "packages named somebody"
    assert told > 5, "somebody was told"
    held = outside_views(hub)
    assert not [view for view, text in held.items() if view and _found(hub, text)]


def _found(hub: PromisedHub, text: str) -> set[str]:
    told = {one for one in all_values(hub.truth) | all_words(hub.truth) if not one[:4].isdigit()}
    return {one for one in told if one in text}


WAYS = pytest.mark.parametrize("is_package", [True, False], ids=["package", "message"])


@WAYS
def test_an_anonymous_reporter_is_neither_named_nor_contacted_even_if_a_person_released_the_row(
    hub: PromisedHub, world: World, is_package: bool
) -> None:
    for one in world.anonymous:
        assert hub.truth.newest(one.key) == one
        if is_package:
            assert not package_about(hub, one.key) & set(one.people["reporter"].values())
        else:
            assert addresses_told(hub, one.key) == set()


@WAYS
def test_while_a_correction_is_in_quarantine_nobody_in_the_report_is_named_or_contacted(
    hub: PromisedHub, is_package: bool
) -> None:
    maker = make_world().maker
    first, second = reports_of(hub, feed=TV, is_consented=True, contact=True)[:2]
    held = replace(first, is_consented=False, contact=False, is_held=True)
    hub.comes(held, maker.account(TV, True, True, "full", "full"))
    assert [hub.truth.is_certain(one.key) for one in (first, second)] == [False, True]
    if is_package:
        assert package_about(hub, second.key) == second.values
        assert package_about(hub, first.key) == set()
    else:
        assert addresses_told(hub, second.key) == {second.email("reporter")}
        assert addresses_told(hub, first.key) == set()


@pytest.mark.parametrize("shared", [True, False])
def test_a_provider_is_given_a_report_only_where_it_may_be_shared_outside_the_police(
    hub: PromisedHub, shared: bool
) -> None:
    reports = [one for one in hub.truth.published.values() if one.platform == PROVIDER and one.shared == shared]
    assert len(reports) == 2
    for one in hub.waiting():
        if one.recipient == PROVIDER and hub.evidence(one) & {report.key for report in reports}:
            hub.let_go(one)
    urls = {str(one.row()["content_url"]) for one in reports}
    texts = "\n".join(one.text for one in hub.send_documents() if one.recipient == PROVIDER and one.name == ".json")
    assert {url for url in urls if url in texts} == (urls if shared else set())


@pytest.mark.parametrize(
    "purpose",
    [None, Purpose.RECORD, *(pytest.param(one, marks=pytest.mark.long) for one in (Purpose.PERSON, Purpose.TEXT))],
)
def test_a_mark_of_danger_holds_for_old_and_new_addresses_whatever_key_moves(
    hub: PromisedHub, purpose: Purpose | None
) -> None:
    maker = make_world().maker
    twice = [one for one in hub.truth.published.values() if _has_repeat_reporter(hub, one)]
    assert len(twice) == 4
    marked, other = sorted((one for one in twice if one.email("reporter") == twice[0].email("reporter")), key=str)
    free = next(one for one in twice if one.email("reporter") != marked.email("reporter"))
    hub.stop(marked.key)
    hub.comes(maker.correct(marked, moves=True))
    if purpose is not None:
        hub.rotate(purpose)
    assert addresses_told(hub, marked.key, other.key) == set()
    wanted = set() if purpose is Purpose.RECORD else {free.email("reporter")}
    assert addresses_told(hub, free.key) - {free.email("victim")} == wanted


@pytest.mark.parametrize("is_withdrawn", [pytest.param(False, marks=pytest.mark.long), True])
def test_a_mark_of_danger_holds_when_the_delivery_of_the_marked_report_is_withdrawn(
    hub: PromisedHub, is_withdrawn: bool
) -> None:
    twice = [one for one in hub.truth.published.values() if _has_repeat_reporter(hub, one)]
    marked, other = sorted((one for one in twice if one.email("reporter") == twice[0].email("reporter")), key=str)
    hub.stop(marked.key)
    if is_withdrawn:
        hub.withdraw(next(file for file in hub.truth.files if marked in file.reports))
    assert hub.truth.is_certain(other.key)
    assert addresses_told(hub, other.key) == set()


@pytest.mark.long
@pytest.mark.parametrize("is_restored", [pytest.param(True, marks=pytest.mark.long), False])
def test_once_no_build_has_the_marked_report_messages_wait_until_it_is_back_or_the_mark_ended(
    hub: PromisedHub, is_restored: bool
) -> None:
    twice = [one for one in hub.truth.published.values() if _has_repeat_reporter(hub, one)]
    marked, other = sorted((one for one in twice if one.email("reporter") == twice[0].email("reporter")), key=str)
    [file] = [one for one in hub.truth.files if marked in one.reports]
    assert other not in file.reports
    hub.stop(marked.key)
    hub.withdraw(file)
    hub.build()
    hub.publish()
    assert addresses_told(hub, *hub.truth.published) == set(), "all messages wait, also to everybody else"
    at_once = set[str]()
    if is_restored:
        hub.restore(file)
        at_once = {letter.address for letter in hub.send_messages()}
        hub.build()
        hub.publish()
    else:
        hub.resume(marked.key)
    told = at_once | addresses_told(hub, *hub.truth.published)
    assert (marked.email("reporter") in told) == (not is_restored), "the mark stands until it is ended"
    assert told >= _addresses_besides(hub, marked.email("reporter"))


def _addresses_besides(hub: PromisedHub, address: str | None) -> set[str | None]:
    """Where messages go of reports that were published and have not been touched since."""
    reports = [one for key, one in hub.truth.published.items() if key not in hub.truth.touched and one.contact]
    found = {one.email("reporter") or one.email("victim") for one in reports if not one.is_anonymous}
    assert len(found) > 5
    return found - {address, None}


@pytest.mark.long
@pytest.mark.parametrize("is_taken_in_again", [pytest.param(False, marks=pytest.mark.long), True])
def test_a_released_correction_counts_also_where_its_delivery_was_withdrawn_and_restored(
    hub: PromisedHub, is_taken_in_again: bool
) -> None:
    """Of a file with two corrections in quarantine one is released before the build, and the other after it."""
    maker = make_world().maker
    first, second = reports_of(hub, feed=TV, is_consented=True)[:2]
    held = [replace(one, is_consented=False, is_held=True) for one in (first, second)]
    file = hub.comes(*held, maker.account(TV, True, True, "full", "full"))
    hub.release(file, first.key)
    hub.build()
    hub.publish()
    if is_taken_in_again:
        hub.withdraw(file)
        hub.restore(file)
        file.reports, file.quarantined = file.reports[:1], [*held]
    hub.release(file, second.key)
    assert not hub.truth.newest(second.key).is_consented
    assert package_about(hub, second.key) == set()


@pytest.mark.long
def test_a_correction_that_a_newer_contract_lets_in_counts_once_its_delivery_is_restored(
    hub: PromisedHub, tmp_path: Path
) -> None:
    """A platform that the contract did not know, so that the row was quarantined when it came."""
    maker = make_world().maker
    first = next(one for one in reports_of(hub, feed=TV, is_consented=True))
    file = hub.comes(
        replace(first, is_consented=False, platform="newplace"), maker.account(TV, True, True, "full", "full")
    )
    hub.build()
    hub.publish()
    hub.truth.note_build()
    folder = tmp_path / "expectations"
    shutil.copytree(hub.settings.expectations, folder)
    contract = folder / TV / "contract.yaml"
    contract.write_text(contract.read_text().replace("facebook, instagram,", "newplace, facebook, instagram,", 1))
    hub.catalogue = read_catalogue(folder)
    hub.withdraw(file)
    hub.restore(file)
    query = f"select count(*) from raw.{TV} where report_ref = '{first.ref}' and platform = 'newplace'"
    assert fetch(hub.owner, query) == [1], "the correction is loaded"
    assert package_about(hub, first.key) == set()


def _has_repeat_reporter(hub: PromisedHub, one: Account) -> bool:
    """Whether its reporter made another published report, too."""
    address = one.email("reporter")
    return address is not None and [two.email("reporter") for two in hub.truth.published.values()].count(address) > 1


def test_each_recipient_takes_persons_or_none_as_its_contract_says(hub: PromisedHub) -> None:
    """The two that take persons, by folder and by mail, and one to which nothing goes sealed."""
    for force in (LONDON, MANCHESTER, BIRMINGHAM):
        for one in reports_of(hub, force)[:4]:
            may = one.values if one.is_consented and force != BIRMINGHAM else set()
            assert package_about(hub, one.key) == may, force

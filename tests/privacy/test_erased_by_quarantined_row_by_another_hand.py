"""Who stands in quarantine alone is erased by the quarantined row: all of the person, and nothing of anybody else."""

import uuid
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from conftest import Databases
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.deliveries import quarantine_id_of
from hub.ingest.release import reject_row, release_row
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.orchestration.erasures import describe
from hub.privacy.asked_for import ErasureRefused, count_records
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from privacy.hub_of_files import BECAUSE, BY, Crowd, Hub, called, crowd_of
from privacy.people_in_files import CR, TV, VS, Person, Said, family, right, row

type Command = Callable[..., Result]


@pytest.fixture(scope="module")
def hub(
    module_databases: Databases, template_database: str, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Hub:
    settings = module_databases.make(template_database, tmp_path_factory.mktemp("quarantined"))
    return Hub(settings, open_warehouse(settings, Role.OWNER), catalogue, tmp_path_factory.mktemp("sent"))


@pytest.fixture(scope="module")
def crowd(hub: Hub) -> Crowd:
    return crowd_of(hub)


@pytest.fixture
def command(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("HUB_HOME", str(hub.settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", hub.settings.warehouse_url or "")
    return lambda *arguments, given="": CliRunner().invoke(app, ["person", *map(str, arguments)], input=given)


@pytest.mark.parametrize("number", range(4))
def test_all_of_the_person_goes_and_nothing_of_anybody_else(hub: Hub, crowd: Crowd, number: int) -> None:
    person, key, subject = crowd[number]
    assert len(hub.of(person)) > 3
    certificate = hub.erase(key, hub.of(person), subject=subject)
    assert certificate.nothing_is_left
    assert hub.holding(person) == set()
    before = hub.cells()
    assert hub.ask(called(key, subject))[0] == certificate
    assert hub.cells() == before


def test_the_other_subject_of_the_row_remains_and_goes_by_a_call_of_its_own(hub: Hub) -> None:
    one, other = family()
    text = f"Ring me on {one.phone}, or write to {one.email}."
    (key,) = hub.deliver(row(TV, one.says("name email phone", 1), other.says("name born postcode"), text))
    first = hub.erase(key, hub.of(one))
    assert hub.holding(one) == set()
    assert hub.erase(key, hub.of(other), subject="victim").nothing_is_left
    assert hub.holding(other) == set()
    assert hub.ask(called(key))[0] == first


def test_with_the_same_address_the_same_name_goes_and_another_stays_and_is_named(hub: Hub) -> None:
    (one, other), (third,) = family(), family(1)
    asked, _, named = hub.deliver(
        row(TV, one.says("name email phone")),
        right(TV, one.says("name email", 1)),
        right(TV, other.says("name phone", email=one.email.upper())),
    )
    (waiting,) = hub.deliver(row(CR, victim=third.says("name phone", email=one.email)))
    certificate = hub.erase(asked, hub.of(one))
    assert hub.holding(one, address=False) == set()
    tokens = "select _delivery_id, _row_number, reporter_phone_token from raw.true_vision_reports"
    token = {(delivery, number): token for delivery, number, token in fetch(hub.engine, tokens)}[named]
    places = hub.same_address(certificate)
    assert (certificate.nothing_is_left, len(places)) == (False, 2)
    assert any(token in place and str(named[0]) in place for place in places)
    assert any(called(waiting, "victim") in place for place in places)
    hub.erase(waiting, hub.of(third), subject="victim")
    hub.ask(token)
    assert hub.holding(one, other, third) == set()


def test_another_name_with_the_address_in_the_row_itself_stays_and_is_named(hub: Hub) -> None:
    one, other = family()
    (key,) = hub.deliver(row(CR, one.says("name phone email"), other.says("name born", email=one.email)))
    assert any(called(key, "victim") in place for place in hub.same_address(hub.erase(key, hub.of(one))))
    assert hub.erase(key, hub.of(other), subject="victim").nothing_is_left
    assert hub.holding(one, other) == set()


def test_the_victim_who_reports_goes_as_one_and_who_shares_a_number_alone_does_not(hub: Hub) -> None:
    one, other = family()
    key, *_ = hub.deliver(
        row(CR, one.says("name email home"), one.says("name born postcode", 1)),
        row(CR, one.says("name email home"), Said(one, {"phone": one.home, "date_of_birth": one.born})),
        row(CR, one.says("name email home"), other.says("name home", 3)),
    )
    assert hub.erase(key, hub.of(one)).nothing_is_left
    assert hub.holding(one) == set()


def test_what_the_row_says_of_the_victim_who_reports_finds_their_other_records(hub: Hub) -> None:
    (one,) = family(1)
    reporter, victim = one.says("name email"), one.says("name born")
    key, *_ = hub.deliver(row(CR, reporter, victim), right(CR, None, victim))
    hub.erase(key, hub.of(one))


A_TWINS_TOO = pytest.mark.xfail(
    raises=AssertionError, strict=True, reason="left: it can be a twin's, see decision 0178"
)


@pytest.mark.parametrize(
    "order", ["{surname} {given}", "{given} {plain}", pytest.param("{given[0]}. {surname}", marks=A_TWINS_TOO)]
)
def test_a_name_with_a_birthday_tells_the_person_in_the_usual_ways_of_writing(hub: Hub, order: str) -> None:
    one = next(one for one in (family(1)[0] for _ in range(9)) if "'" in one.surname)
    name = order.format(given=one.given, surname=one.surname, plain=one.surname.replace("'", ""))
    told = one.says("born postcode", name=name)
    key, *_ = hub.deliver(row(VS, None, one.says("name born postcode")), row(VS, None, told), right(VS, None, told))
    hub.erase(key, hub.of(one), subject="victim")


def test_a_row_that_says_a_name_alone_goes_by_itself(hub: Hub) -> None:
    (one,) = family(1)
    told = one.says("name")
    key, *_ = hub.deliver(row(CR, told), row(CR, told), right(CR, victim=one.says("name postcode")))
    (again,) = hub.deliver(row(TV, told))
    hub.erase(key, {(*key, "reporter")})
    hub.erase(again, {(*again, "reporter")})


@pytest.mark.parametrize(("fields", "linked"), [("home", True), ("name home", False), ("name home", True)])
def test_a_row_with_a_contact_that_others_have_goes_by_itself(hub: Hub, fields: str, linked: bool) -> None:
    one, other, third = family(3)
    told = other.says("name home"), third.says("name home", 1)
    rows = [right(CR, told[0], third.says("name born")), right(CR, told[1]), row(CR, told[0])]
    key, first, second, _ = hub.deliver(row(CR, one.says(fields)), *rows)
    for one_record in (first, second) if linked else ():
        hub.link(one_record)
    hub.erase(key, {(*key, "reporter")})


@pytest.mark.parametrize("wrong", [False, True])
def test_who_gives_no_name_goes_where_other_names_with_the_contact_only_wait(hub: Hub, wrong: bool) -> None:
    one, other = family()
    nameless = Said(one, {"phone": one.home})
    rows = [row(CR, one.says("name home")), right(CR, nameless), row(CR, nameless)]
    key, *_ = hub.deliver(*rows, row(CR, other.says("name home"), wrong=wrong))
    hub.erase(key, hub.of(one) if wrong else {(*key, "reporter")})


def test_who_was_born_on_another_day_stays(hub: Hub) -> None:
    (one,) = family(1)
    son = Person(one.given, one.surname, one.phone, one.home, "2001-02-03", one.postcode)
    told, his = one.says("name born postcode"), son.says("name born postcode")
    key, *_ = hub.deliver(
        *(row(VS, None, said) for said in (told, his)), *(right(VS, None, said) for said in (told, his))
    )
    hub.erase(key, hub.of(one), subject="victim")


def test_the_one_person_of_the_linkage_goes_with_the_row_whatever_their_records_say(hub: Hub) -> None:
    (one, other), (third,) = family(), family(1)
    key, told, untold, away, elsewhere = hub.deliver(
        row(TV, one.says("name email")),
        right(TV, one.says("name email", 1)),
        right(TV, one.says("name phone", 2)),
        right(TV, other.says("name phone", email=one.email)),
        right(TV, third.says("name email phone")),
    )
    persons = [hub.link(*keys) for keys in ((told, untold), (away,), (elsewhere,))]
    hub.erase(key, hub.of(one))
    assert [len(hub.mentions(person_id)) for person_id in persons] == [0, 1, 1]


def test_a_name_and_a_birthday_tell_the_person_of_the_linkage_too(hub: Hub) -> None:
    (one,) = family(1)
    told = [one.says(fields, 1) for fields in ("name born", "email")]
    key, *linked = hub.deliver(row(CR, None, one.says("name born")), *(right(CR, None, said) for said in told))
    hub.link(*linked, role="victim")
    hub.erase(key, hub.of(one), subject="victim")


def test_a_person_of_the_linkage_who_gives_the_contact_under_another_name_stays(hub: Hub) -> None:
    one, other = family()
    told = other.says("name phone", email=one.email), other.says("name phone")
    key, *linked = hub.deliver(row(TV, one.says("name email")), *(right(TV, said) for said in told))
    hub.link(*linked)
    hub.erase(key, hub.of(one))


def test_an_erasure_is_refused_with_the_ids_where_several_give_the_name_and_the_contact(hub: Hub) -> None:
    (one,) = family(1)
    told = one.says("name email")
    key, first, second = hub.deliver(row(TV, told), right(TV, told), right(TV, one.says("name email phone", 1)))
    ids = [hub.link(first), hub.link(second)]
    (message,) = hub.refuses(called(key), because=(ErasureRefused,))
    assert all(str(one) in message for one in ids)


@pytest.mark.parametrize("role", ["reporter", "victim"])
def test_a_legal_hold_of_a_person_of_the_linkage_keeps_the_row(hub: Hub, command: Command, role: str) -> None:
    (one,) = family(1)
    told = right(CR, one.says("name email", 1), one.says("name born"))
    key, held = hub.deliver(row(CR, one.says("name email")), told)
    person_id = hub.link(held, role=role)
    assert command("hold", person_id, "--because", "a court asked").exit_code == 0
    hub.refuses(called(key), because=(ErasureRefused,))
    assert command("lift-hold", person_id, "--because", "it is over").exit_code == 0
    assert hub.erase(key, hub.of(one)).nothing_is_left


def test_nobody_is_erased_by_what_tells_nobody(hub: Hub, command: Command) -> None:
    (one,) = family(1)
    told = one.says("name email phone")
    broken_line = f"TV-1,{one.given} {one.surname},{one.email}\n"
    key, accepted, released = hub.deliver(row(TV, told), right(TV, told), row(TV, told), broken=broken_line)
    release_row(hub.settings, hub.engine, hub.catalogue, quarantine_id_of(*released), BY, {"strands": "race"})
    broken = (key[0], 4)
    assert hub.states()[quarantine_id_of(*broken)].rule.startswith("row.")
    calls = [called((uuid.uuid4(), 1)), called(accepted), called(released), called(broken)]
    calls += [called(key, subject) for subject in ("victim", "officer", "description", "text", "quarantined", "")]
    calls += [f"{key[0]}:reporter", "nobody:reporter"]
    messages = hub.refuses(*calls, because=(LookupError, ErasureRefused))
    words = (
        ["has no row"] * 2 + ["keeps nothing", "could not be split", "keeps nothing"] + ["name reporter, victim"] * 4
    )
    assert [word for word, message in zip(words, messages, strict=False) if word not in message] == []
    assert not any(one.given in message for message in messages)
    answer = command("erase", called(broken), "--because", BECAUSE)
    assert (answer.exit_code, answer.output[:5]) == (1, "hub: ")


def test_a_rejected_row_keeps_its_text_until_the_person_is_erased(hub: Hub) -> None:
    (one,) = family(1)
    key, _ = hub.deliver(row(TV, one.says("name email")), row(TV, one.says("name email", 1)))
    reject_row(hub.settings, hub.engine, quarantine_id_of(*key), BY)
    assert hub.erase(key, hub.of(one)).nothing_is_left
    assert hub.holding(one) == set()


def test_a_broken_line_and_a_log_with_the_person_are_masked(hub: Hub) -> None:
    one, other = family()
    (key,) = hub.deliver(row(CR, one.says("name email phone")), broken=f'{{"reporter": "{one.email.upper()}", ')
    log = hub.settings.home / "logs" / "loads.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(f"row of {one.says('phone', 1).values['phone']} failed\nrow of {other.email} failed\n")
    hub.erase(key, hub.of(one), broken=(key[0], 2))
    assert hub.holding(one) == set()
    assert log.read_text().splitlines()[1] == f"row of {other.email} failed"


def test_a_delivery_that_comes_again_or_is_withdrawn_and_restored_brings_nobody_back(hub: Hub) -> None:
    one, other = family()
    key, _, neighbour = hub.deliver(
        row(TV, one.says("name email")), right(TV, one.says("name email", 1)), row(TV, other.says("name email home"))
    )
    certificate = hub.erase(key, hub.of(one))
    assert not hub.take_in(hub.paths[key[0]], hub.catalogue.contracts[TV]).is_new
    before = {cell: value for cell, value in hub.cells().items() if cell[1:3] == neighbour}
    withdraw_delivery(hub.settings, hub.catalogue, key[0], because=BECAUSE, decided_by=BY)
    restore_delivery(hub.settings, hub.catalogue, key[0], because=BECAUSE, decided_by=BY)
    assert {cell: value for cell, value in hub.cells().items() if cell[1:3] == neighbour} == before
    assert hub.holding(one) == set()
    assert hub.ask(called(key))[0] == certificate


def test_a_preview_counts_changes_nothing_and_is_logged(hub: Hub) -> None:
    one, other = family()
    key, known, _ = hub.deliver(
        row(TV, one.says("name email")), right(TV, one.says("name email", 1)), right(TV, other.says("name email"))
    )
    hub.link(known)
    before, last = (hub.cells(), hub.states()), hub.last_entry()
    assert count_records(hub.settings, hub.engine, hub.catalogue, called(key)) == {TV: 2}
    assert "true_vision_reports.quarantined" in hub.entries_since(last)
    assert called(key) in describe(hub.settings, called(key), BECAUSE)
    assert (hub.cells(), hub.states()) == before


def test_find_prints_rows_that_say_it_and_erase_takes_them(hub: Hub, command: Command) -> None:
    one, other = family()
    first, second, third = hub.deliver(
        row(CR, one.says("name email", 1), other.says("name email born")),
        row(CR, victim=one.says("name born", 1)),
        row(CR, other.says("name email home")),
    )
    last = hub.last_entry()
    by_email = command("find", given=f"email={one.email}\n")
    by_birth = command("find", given=f"name={one.given} {one.surname}\ndate_of_birth={one.born}\n")
    assert called(first) in by_email.output
    assert called(second, "victim") in by_birth.output
    told = by_email.output + by_birth.output
    assert [one for one in (called(first, "victim"), called(third)) if one in told] == []
    assert "community_reports.quarantined" in hub.entries_since(last)
    assert not any(word in hub.entries_since(last) for word in (one.given, one.email, one.born))
    answer = command("erase", called(first), "--because", BECAUSE, "--by", BY)
    assert (answer.exit_code, called(first) in answer.output) == (0, True)

"""Who is erased after a package has named them: their force is told, nothing names them again, and no kill, fault or
change between two attempts loses whom a package has named or lets it name more than holds at that moment."""

import json
from unittest.mock import Mock

import pytest

from hub.dispatch import deciding
from hub.dispatch.ledger import Dispatch
from hub.dispatch.rounds import send_due
from hub.dispatch.states import State
from hub.dispatch.transports import Parcel, PermanentFault, Receipt, TransientFault
from hub.dispatch.transports.folder import Folder
from hub.dispatch.transports.pickup import PickUp
from hub.ingest.withdrawal import withdraw_delivery
from hub.vault import audit
from models.persons_hub import Hub, found_in, personal
from models.persons_world import CR, TV, File, Maker, Report, World
from searching import tables_holding

LONG = pytest.mark.long


class Killed(BaseException):
    """Nothing in the hub catches it, as nothing outlives a kill."""


@pytest.fixture
def hub(persons_hub: tuple[Hub, World]) -> Hub:
    """With one recipient, for which a person approves everything, so that a test sends one package alone."""
    hub, _ = persons_hub
    hub.london(approval="always")
    hub.prepare()
    return hub


@pytest.fixture
def report(persons_hub: tuple[Hub, World]) -> Report:
    """One with a victim and a reporter who agreed."""
    return persons_hub[1].histories[f"nothing more {TV}"][0]


@pytest.fixture
def sent(hub: Hub, report: Report) -> Dispatch:
    """Its package, which names both, was sent."""
    one = hub.approve(report.key)
    hub.send()
    assert hub.open(one).named == {(report.key, role): values for role, values in report.people.items()}
    assert len(hub.open(one).said["persons"]) == 2
    return one


def names(one: Dispatch, document: str = "") -> set[str]:
    """The files of a document of a dispatch."""
    return {f"{one.dispatch_id}{document}{form}.pgp" for form in (".json", ".pdf")}


def ids(hub: Hub, one: Dispatch) -> set[tuple[str, str]]:
    """Of which report, and as what, the ledger says that a package has named somebody."""
    return {(report, role) for dispatch, report, role in hub.written_down() if dispatch == str(one.dispatch_id)}


def again(hub: Hub, report: Report) -> Dispatch:
    """Prepare and send the next package about a report."""
    hub.prepare()
    one = hub.approve(report.key)
    hub.send()
    return one


def assert_names(hub: Hub, one: Dispatch, report: Report, *roles: str, why: str | None = None) -> None:
    """JSON and PDF name these alone, and what does so is written down."""
    opened = hub.open(one)
    assert opened.named == {(report.key, role): report.people[role] for role in roles}
    assert opened.said["persons_left_out"] == why
    told = {value for role in roles for value in report.people[role].values()}
    assert found_in(opened.pdf, personal([report])) == told
    assert {role for _, role in ids(hub, one)} >= set(roles)


def told_to_erase(hub: Hub, one: Dispatch, number: int) -> set[str]:
    """As whom a document says that somebody is to be erased; it holds no value of theirs."""
    said = json.loads(hub.document(f"{one.dispatch_id}.erasure-{number}.json"))
    assert said["allocation_ref"] == one.allocation_ref
    assert {(who["report_id"], who["role"]) for who in said["persons"]} <= ids(hub, one)
    return {who["role"] for who in said["persons"]}


def test_who_was_erased_before_it_is_sent_is_not_named(hub: Hub, report: Report) -> None:
    one = hub.approve(report.key)
    hub.erase(report, "victim")
    hub.send()
    assert_names(hub, one, report, "reporter")
    assert {role for _, role in ids(hub, one)} == {"reporter"}


@pytest.mark.long
def test_of_one_that_nobody_has_answered_a_withdrawal_goes_out_and_the_next_names_who_is_left(
    hub: Hub, report: Report, sent: Dispatch
) -> None:
    hub.send()
    assert hub.lying() == names(sent), "nobody was erased yet"
    hub.erase(report, "victim")
    hub.send()
    assert hub.state(sent) == "withdrawn"
    assert hub.lying() == names(sent, ".withdrawal")
    second = again(hub, report)
    assert second.dispatch_id != sent.dispatch_id
    assert_names(hub, second, report, "reporter")
    hub.erase(report, "reporter")
    hub.send()
    assert hub.state(second) == "withdrawn"
    third = again(hub, report)
    assert_names(hub, third, report)
    assert ids(hub, third) == set()
    before = hub.lying()
    hub.send()
    assert (hub.lying(), hub.state(third)) == (before, "sent"), "nobody is told twice"
    assert tables_holding(hub.owner, personal([report]) - {report.people["victim"]["date_of_birth"]}) == set()


WAYS = [
    [State.ACKNOWLEDGED],
    pytest.param([State.ACKNOWLEDGED, State.ACCEPTED], marks=LONG),
    pytest.param([State.ACKNOWLEDGED, State.RETURNED], marks=LONG),
    pytest.param([State.ACKNOWLEDGED, State.TRANSFERRED], marks=LONG),
    pytest.param([State.ACKNOWLEDGED, State.CLOSED], marks=LONG),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[-1].value)
def test_of_an_answered_one_each_erasure_is_told_while_the_case_goes_on(
    hub: Hub, report: Report, sent: Dispatch, way: list[State]
) -> None:
    for state in way:
        deciding.write_down_answer(hub.owner, sent.dispatch_id, state, because="said so", written_by="a.person")
    hub.erase(report, "victim")
    hub.send()
    assert told_to_erase(hub, sent, 1) == {"victim"}
    hub.send()
    hub.erase(report, "reporter")
    hub.send()
    assert told_to_erase(hub, sent, 2) == {"reporter"}
    hub.send()
    assert hub.state(sent) == way[-1].value
    assert hub.lying() == names(sent, ".erasure-1") | names(sent, ".erasure-2")
    assert {name for name in hub.lying() if "withdrawal" in name} == set()


@LONG
def test_of_one_that_a_person_has_withdrawn_the_recipient_is_told_too(hub: Hub, report: Report, sent: Dispatch) -> None:
    deciding.withdraw(hub.owner, sent.dispatch_id, because="a mistake", decided_by="a.person")
    hub.send()
    hub.erase(report, "victim")
    hub.send()
    assert told_to_erase(hub, sent, 1) == {"victim"}


@LONG
def test_what_a_withdrawn_delivery_stated_is_told_as_erased(persons_hub: tuple[Hub, World], hub: Hub) -> None:
    world = persons_hub[1]
    report = world.histories[f"withdrawn {CR}"][0]
    one = hub.approve(report.key)
    hub.send()
    assert_names(hub, one, report, "victim", "reporter")
    place = next(n for n, file in enumerate(hub.came) if report in file.reports)
    withdraw_delivery(hub.settings, hub.catalogue, hub.ids[place], because="a mistake", decided_by="a.person")
    hub.send()
    assert hub.state(one) == "withdrawn"
    assert hub.lying() == names(one, ".withdrawal")
    assert_names(hub, again(hub, report), report, why="report_changed")


def test_what_still_lies_there_of_a_package_is_gone_when_the_one_that_follows_may_name_nobody(
    hub: Hub, report: Report, sent: Dispatch
) -> None:
    """Consent has ended, and nobody has taken the earlier one away yet."""
    hub.change_publish("is_personal_data_shareable = false, reason = 'another'")
    second = again(hub, report)
    assert hub.state(sent) == "superseded"
    assert_names(hub, second, report, why="no_consent")
    assert hub.lying() == names(second)


def send_killed(hub: Hub, when: str) -> None:
    """Die before or after a package is handed over, or between its PDF and its JSON."""
    send, rename = PickUp.send, Folder.rename

    def around(self: PickUp, parcel: Parcel) -> Receipt:
        if when == "before":
            raise Killed
        receipt = send(self, parcel)
        if when == "after":
            raise Killed
        return receipt

    def between(self: Folder, path: str, to: str) -> None:
        if when == "between" and to.endswith(".json.pgp"):
            raise Killed
        rename(self, path, to)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PickUp, "send", around)
        patched.setattr(Folder, "rename", between)
        with pytest.raises(Killed):
            send_due(hub.settings)


@pytest.mark.parametrize("when", [pytest.param("between", marks=LONG), "after"])
def test_who_was_named_is_known_whenever_the_sender_is_killed(hub: Hub, report: Report, when: str) -> None:
    one = hub.approve(report.key)
    send_killed(hub, when)
    assert hub.state(one) == "approved", "nobody has written down that it was sent"
    assert {role for _, role in ids(hub, one)} == {"victim", "reporter"}
    assert hub.lying(), "the recipient may have it"
    hub.erase(report, "victim")
    hub.send()
    assert hub.state(one) == "withdrawn"
    assert hub.lying() == names(one, ".withdrawal")
    assert_names(hub, again(hub, report), report, "reporter")


@pytest.mark.parametrize("when", [pytest.param("before", marks=LONG), "between", pytest.param("after", marks=LONG)])
def test_an_attempt_after_a_kill_says_one_thing_and_keeps_whom_the_one_before_has_named(
    hub: Hub, report: Report, when: str
) -> None:
    """Consent ends between the two: JSON and PDF that lie there are of one attempt."""
    one = hub.approve(report.key)
    send_killed(hub, when)
    written = ids(hub, one)
    hub.deliver(File(TV, "2026-10-20", 1, [Maker().again(report, False)]))
    hub.send()
    assert ids(hub, one) >= written
    opened = hub.open(one)
    told = found_in(opened.pdf, personal([report]))
    assert told == {value for values in opened.named.values() for value in values.values()}
    if when == "before":
        assert_names(hub, one, report, why="report_changed")
    hub.erase(report, "victim")
    hub.send()
    assert (hub.state(one) == "withdrawn") == bool(written)


def test_consent_that_ends_between_two_attempts_is_heeded_by_the_second(
    hub: Hub, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = hub.approve(report.key)
    with monkeypatch.context() as patched:
        patched.setattr(PickUp, "send", Mock(side_effect=TransientFault("the disk is full")))
        send_due(hub.settings)
    hub.deliver(File(TV, "2026-10-20", 1, [Maker().again(report, False)]))
    assert send_due(hub.settings, at_once=True).problems == {}
    assert_names(hub, one, report, why="report_changed")


@LONG
def test_of_one_that_was_given_up_the_recipient_is_told(
    hub: Hub, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come in part."""
    one = hub.approve(report.key)
    with monkeypatch.context() as patched:
        patched.setattr(PickUp, "send", Mock(side_effect=PermanentFault("too large")))
        send_due(hub.settings)
    assert hub.state(one) == "failed"
    hub.erase(report, "victim")
    hub.send()
    assert hub.state(one) == "withdrawn"
    assert hub.lying() == names(one, ".withdrawal")


@pytest.mark.parametrize("what", ["no key", pytest.param("another key", marks=LONG), "no audit log"])
def test_where_the_vault_cannot_be_read_or_that_not_be_logged_nobody_is_named(
    hub: Hub, report: Report, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    one, entry = hub.approve(report.key), hub.newest_entry()
    if what == "no key":
        (hub.settings.secrets / "master.keys").unlink()
    elif what == "another key":
        (hub.settings.secrets / "master.keys").write_text(f"1 {bytes(32).hex()}\n")
    else:
        monkeypatch.setattr(audit, "append", Mock(side_effect=OSError("no space left")))
        send_due(hub.settings)
        monkeypatch.undo()
        assert (hub.lying(), hub.reads_since(entry)) == (set(), {}), "nothing was read, so nothing is said"
        return
    hub.send()
    assert_names(hub, one, report, why="not_readable")


@LONG
def test_the_contract_of_the_moment_says_whether_persons_are_named(hub: Hub, report: Report) -> None:
    hub.change_contract(takes_persons=False)
    one = hub.approve(report.key)
    hub.send()
    assert_names(hub, one, report, why="not_encrypted")
    assert ids(hub, one) == set()

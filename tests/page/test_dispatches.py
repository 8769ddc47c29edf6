"""What went out, what waits and who says nothing, as an operator and a viewer see it."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from dispatch.conftest import FORCE, PROVIDER, Hub, hub
from dispatch.door import Door
from hub.dispatch import deciding
from hub.dispatch.transports import PermanentFault, TransientFault
from page.accessibility import axe_on, faults
from page.conftest import pages_of
from page.shown import Shown, shown

__all__ = ["hub"]

type Look = Callable[[str], Shown]


@pytest.fixture
def page_of(hub: Hub) -> Iterator[Callable[[str | None], TestClient]]:
    """The page of the hub whose recipients are a test's own."""
    with pages_of(hub.settings) as client_of:
        yield client_of


def row_of(page: Shown, code: str) -> list[str]:
    """The cells of a recipient's row."""
    (row,) = page.tree.xpath("//tbody/tr[th/a[contains(@href, $code)]]", code=f"/dispatches/to/{code}")
    return [" ".join(cell.text_content().split()) for cell in row.xpath("th | td")]


def test_a_recipient_shows_what_waits_for_it_and_since_when_it_is_silent(hub: Hub, look: Look) -> None:
    hub.recipient(FORCE, approval=["transfer"])
    hub.offer()
    hub.offer(route="transfer")
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.send(transport_of=Door({"": TransientFault("the webhook: HTTP 503")}))
    recipient, for_approval, waiting, unanswered, _, failed, answered, problem = row_of(look("/dispatches"), FORCE)
    assert (for_approval, waiting, unanswered, failed, answered) == ("1", "1", "0", "0", "0")
    assert recipient.endswith("by folder")
    assert problem == "the webhook: HTTP 503"
    hub.send(at_once=True, transport_of=Door())
    _, for_approval, waiting, unanswered, silent_since, *_ = row_of(look("/dispatches"), FORCE)
    assert (for_approval, waiting, unanswered) == ("1", "0", "1")
    assert silent_since.endswith("UTC")


def test_a_dispatch_shows_its_way_with_proofs_and_the_commands_that_help(
    hub: Hub, look: Look, page_of: Callable[[str], TestClient]
) -> None:
    hub.offer()
    hub.prepare()
    hub.send(transport_of=Door({"": PermanentFault("the webhook refuses it: HTTP 422")}))
    (one,) = hub.dispatches()
    listed = look(f"/dispatches/to/{FORCE}?state=failed")
    assert listed.links[one.allocation_ref] == f"/hub/dispatches/{one.dispatch_id}"
    assert one.allocation_ref not in look(f"/dispatches/to/{FORCE}?state=sent").words
    page = look(f"/dispatches/{one.dispatch_id}")
    assert "failed" in page.section("Its way")
    assert "the webhook refuses it: HTTP 422" in page.section("Documents")
    assert f"hub exchange link {one.dispatch_id}" in page.section("What an operator can do")
    assert {"withdraw_dispatch", "send_dispatch_again"} <= set(page.words.split())
    assert "hub exchange link" not in shown(page_of("viewer").get(f"/hub/dispatches/{one.dispatch_id}")).words
    deciding.withdraw(hub.engine, one.dispatch_id, because="sent in error", decided_by="ada")
    assert "sent in error" in look(f"/dispatches/{one.dispatch_id}").section("Its way")


def test_a_dispatch_says_that_it_is_simulated_and_leads_to_the_delivery_that_answered_it(hub: Hub, look: Look) -> None:
    hub.recipient(FORCE, simulated=True)
    hub.offer()
    hub.offer("provider", PROVIDER)
    hub.change("update publish.incident_evidence_v1 set is_simulated = (report_ref = 'TV-00000001')")
    hub.prepare()
    hub.send()
    delivery_id = hub.answer("acknowledged")
    hub.send()
    made_up, real = (look(f"/dispatches/{one.dispatch_id}") for one in hub.dispatches())
    assert "simulated" in made_up.words
    assert made_up.links["see it"] == f"/hub/deliveries/{delivery_id}"
    assert "simulated" not in real.words
    assert " simulated" in row_of(look("/dispatches"), FORCE)[0]


def test_a_dispatch_that_was_given_back_says_who_has_the_case_and_where_else_it_went(hub: Hub, look: Look) -> None:
    hub.offer()
    hub.offer("provider", PROVIDER)
    one_incident = "(select incident_id from publish.incidents_v1 order by 1 limit 1)"
    hub.change(f"update publish.allocations_v1 set incident_id = {one_incident}")
    hub.prepare()
    hub.send()
    kept, given_back = hub.dispatches()[1], hub.dispatches()[0]
    hub.answer("returned")
    hub.send()
    page = look(f"/dispatches/{given_back.dispatch_id}")
    assert "It is with the hub's desk until it is allocated again." in page.words
    assert "with the hub's desk" not in look(f"/dispatches/{kept.dispatch_id}").words
    assert page.links[kept.allocation_ref] == f"/hub/dispatches/{kept.dispatch_id}"
    assert kept.recipient in page.section("Where else the incident went")


def test_nothing_goes_to_a_recipient_that_is_paused_and_all_of_it_once_it_is_not(hub: Hub, look: Look) -> None:
    deciding.pause(hub.engine, FORCE, because="their mailbox leaks", decided_by="ada")
    hub.offer()
    hub.offer("provider", PROVIDER)
    hub.prepare()
    door = Door()
    hub.send(transport_of=door)
    assert len(door.came) == 1
    assert "paused" in row_of(look("/dispatches"), FORCE)[0]
    page = look(f"/dispatches/to/{FORCE}")
    assert "their mailbox leaks" in page.words
    assert "Resume" in page.section("What an operator can do")
    deciding.resume(hub.engine, FORCE, decided_by="ada")
    assert "Pause" in look(f"/dispatches/to/{FORCE}").section("What an operator can do")
    hub.send(transport_of=door)
    assert len(door.came) == 2


def test_a_contract_that_cannot_be_read_is_said_with_why(hub: Hub, look: Look) -> None:
    hub.recipient(FORCE, kind="forse")
    assert "'forse' is not one of" in row_of(look("/dispatches"), FORCE)[-1]


def test_its_pages_can_be_used_without_eyes_or_mouse(
    hub: Hub, look: Look, page_of: Callable[[str], TestClient]
) -> None:
    hub.offer(is_threat_to_life=True)
    hub.prepare()
    addresses = ["/dispatches", f"/dispatches/to/{FORCE}", f"/dispatches/{hub.dispatches()[0].dispatch_id}"]
    assert [fault for address in addresses for fault in faults(look(address).tree)] == []
    assert axe_on(page_of("operator"), addresses) == {}


def test_the_alert_of_an_urgent_dispatch_leads_to_it_and_says_whether_its_recipient_is_made_up(
    hub: Hub, look: Look
) -> None:
    hub.offer(is_threat_to_life=True)
    [dispatch_id] = hub.prepare().new
    page = look("/alerts")
    assert page.links["An urgent allocation goes out"] == f"/hub/dispatches/{dispatch_id}"
    assert "made up" not in page.words
    hub.recipient(FORCE, simulated=True)
    hub.send()
    assert f"{dispatch_id} to {FORCE} (made up, as samples are)" in look("/alerts").words

"""From the page alone: what became of each of four broken files, who was told, and what to do next."""

from collections.abc import Callable

from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import take_in
from page.conftest import FEED, HEADER, Came, entries
from page.shown import Shown

Look = Callable[[str], Shown]


def test_a_refused_file_says_why_and_that_its_sender_has_to_send_it_again(
    came: Came, told: Callable[[], None], look: Look
) -> None:
    told()
    page = look(f"/deliveries/{came.refused}")
    happened = page.section("What happened")
    assert "refused The file cannot be taken: nothing of it is loaded." in happened
    assert "Reason: " in happened
    assert "activity_ref" in happened
    assert "ask for the file again" in page.section("What to do next")
    assert page.section("Who is told").startswith("Owner: hub-operations")
    assert "A delivery is refused: hub_activity (warning) hub-operations desk sent " in page.section("Who is told")


def test_a_held_file_says_what_is_not_plausible_and_that_a_person_decides(
    came: Came, told: Callable[[], None], look: Look
) -> None:
    told()
    page = look(f"/deliveries/{came.held}")
    assert "nothing of it is loaded until a person decides" in page.section("What happened")
    assert "report_ref" in page.section("What happened")
    assert "release or reject it" in page.section("What to do next")
    assert "A delivery is held: hub_activity (warning) hub-operations desk sent " in page.section("Who is told")
    asked = page.section("Ask for a decision")
    assert "Open release_quarantine in Airflow" in asked
    assert f"Held delivery {came.held}" in asked
    assert page.links["Open release_quarantine in Airflow"] == "/dags/release_quarantine"


def test_a_file_that_came_again_leads_to_the_first_and_asks_for_nothing(
    came: Came, told: Callable[[], None], look: Look
) -> None:
    told()
    page = look(f"/deliveries/{came.duplicate}")
    assert "The same bytes had come before: nothing is loaded a second time." in page.section("What happened")
    assert page.links[f"delivery {came.loaded}"] == f"/hub/deliveries/{came.loaded}"
    assert page.section("What to do next") == "Nothing: its rows are counted as duplicates."
    assert "A file came again: hub_activity (notice) hub-operations desk sent " in page.section("Who is told")
    first = look(f"/deliveries/{came.loaded}")
    assert "Came again once" in first.section("The file")
    assert first.section("What to do next") == "Nothing."
    assert "Nobody needs to be told." in first.section("Who is told")


def test_a_half_bad_file_says_which_rules_its_rows_broke_and_how_to_decide_about_them(
    came: Came, told: Callable[[], None], look: Look
) -> None:
    told()
    page = look(f"/deliveries/{came.half_bad}")
    assert "5 of 10 rows break a rule and are kept out" in page.section("What happened")
    assert "10 5 50.0% 5 50.0% 0" in page.section("Rows")
    quarantine = page.section("Quarantine")
    assert "activity.known the activities by which the hub's hours are counted" in quarantine
    assert "5 0 0 0" in quarantine
    assert "correct, release or reject them" in page.section("What to do next")
    assert "Rows are in quarantine: hub_activity (warning) hub-operations desk sent " in page.section("Who is told")
    assert "Release or reject rows" in page.section("Ask for a decision")
    rows = look(page.links["activity.known"].removeprefix("/hub"))
    assert "6 7 activity activity.known" in rows.words
    assert "All 5 open rows of this delivery" in rows.words


def test_a_refused_file_asks_for_nothing_once_a_later_one_has_made_it_good(
    came: Came, settings: Settings, catalogue: Catalogue, look: Look
) -> None:
    engine = open_warehouse(settings, Role.LOADER)
    take_in(settings, engine, catalogue.contracts[FEED], HEADER + entries(400, 5), "mended.csv")
    page = look(f"/deliveries/{came.refused}")
    assert page.section("What to do next").startswith("Nothing any more: a later file stands for it")


def test_before_a_round_of_notifications_the_page_says_that_nobody_is_told_yet(came: Came, look: Look) -> None:
    for delivery_id in (came.refused, came.held, came.duplicate, came.half_bad):
        assert "No message has been written about it" in look(f"/deliveries/{delivery_id}").section("Who is told")


def test_each_of_them_is_two_clicks_from_the_first_page(came: Came, look: Look) -> None:
    start = look("/")
    assert f"/hub/deliveries/{came.held}" in start.addresses
    assert f"/hub/deliveries/{came.refused}" in start.addresses
    feed = look(start.links["Work of the hub's team"].removeprefix("/hub"))
    assert {f"/hub/deliveries/{one}" for one in came} <= set(feed.addresses)

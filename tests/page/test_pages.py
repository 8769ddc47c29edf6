"""What each page shows to which readers; all others are refused."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.routing import Route
from starlette.testclient import TestClient

from dispatch.conftest import FORCE
from each import of_each
from hub.contracts.model import Catalogue
from hub.forecast.tables import RUNS
from hub.ingest.samples import note_simulated
from hub.monitoring.watch import arrivals, known_arrivals
from hub.orchestration import approvals
from hub.orchestration.approvals import Question
from hub.page.answers import FOR_DECIDERS
from hub.page.routes import router
from hub.publish.published import build_schema
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import ALERTS, BUILDS, DELIVERIES, PUBLISH_SWITCHES, PUBLISHES
from page.conftest import FEED, Came
from page.shown import Shown, shown

Look = Callable[[str], Shown]
PageOf = Callable[[str | None], TestClient]
ROUTES = [route for route in router.routes if isinstance(route, Route)]
SOME = {"feed": FEED, "delivery_id": str(uuid.UUID(int=1)), "publish_id": "1", "name": "incidents_v1"}
SOME |= {"quarantine_id": str(uuid.UUID(int=1)), "code": FORCE, "dispatch_id": str(uuid.UUID(int=1))}


def address_of(route: Route) -> str:
    return f"/hub{route.path.format(**SOME)}"


def method_of(route: Route) -> str:
    return next(iter(route.methods or {"GET"}))


def is_for_deciders(route: Route) -> bool:
    return FOR_DECIDERS[0] in getattr(route, "dependencies", [])


def publish(engine: sa.Engine, number: int, delivery_ids: list[uuid.UUID], **row_counts: int) -> None:
    """A publish in the ledger that readers see from now on."""
    with begin(engine) as connection:
        build = {"status": "succeeded", "code_sha256": "c", "seeds_sha256": "s"}
        build_id: int = connection.execute(sa.insert(BUILDS).values(build).returning(BUILDS.c.build_id)).scalar_one()
        manifest = {
            "publish_id": number,
            "build_id": build_id,
            "fingerprint": str(number),
            "code_version": "0.1.0",
            "delivery_ids": delivery_ids,
            "row_counts": row_counts,
            "checks": [{"name": "incidents_v1.built", "passed": True, "detail": "stands"}],
        }
        connection.execute(sa.insert(PUBLISHES).values(manifest))
        connection.execute(sa.insert(PUBLISH_SWITCHES).values(publish_id=number, kind="published"))


@of_each("route", ROUTES, lambda route: route.path)
def test_nobody_gets_in_without_a_login_and_nobody_without_the_right(route: Route, page_of: PageOf) -> None:
    for role, status in ((None, 401), ("stranger", 403)):
        answer = page_of(role).request(method_of(route), address_of(route))
        assert answer.status_code == status
        assert FEED not in answer.text


@of_each("route", ROUTES, lambda route: route.path)
def test_a_viewer_sees_all_but_single_rows_and_error_files(route: Route, page_of: PageOf) -> None:
    wanted = {403} if is_for_deciders(route) else {200, 303, 404, 422}
    assert page_of("viewer").request(method_of(route), address_of(route)).status_code in wanted


def test_only_what_is_decided_about_is_kept_from_a_viewer() -> None:
    closed = {route.path for route in ROUTES if is_for_deciders(route)}
    assert closed == {
        "/quarantine",
        *(f"/deliveries/{{delivery_id}}/{part}" for part in ("rows", "errors.csv", "ask")),
        *(f"/deliveries/{{delivery_id}}/rows/{{quarantine_id}}{part}" for part in ("", "/correct")),
    }


def test_a_viewer_is_offered_no_page_that_is_closed_and_no_decision(came: Came, page_of: PageOf) -> None:
    client = page_of("viewer")
    start = shown(client.get("/hub/"))
    assert start.navigation == [
        "Feeds",
        "Approvals",
        "Alerts",
        "Notifications",
        "Publishes",
        "Dispatches",
        "Forecasts",
        "Catalogue",
    ]
    for one in came:
        page = shown(client.get(f"/hub/deliveries/{one}"))
        assert not [link for link in page.addresses if "/rows" in link or "errors.csv" in link or "/dags/" in link]
    assert "an operator can download it" in page.words


@pytest.mark.usefixtures("asked")
def test_every_link_leads_to_a_page(came: Came, personal: uuid.UUID, page_of: PageOf, settings: Settings) -> None:
    engine = open_warehouse(settings, Role.OWNER)
    publish(engine, 1, [came.loaded], incidents_v1=3)
    client, found, seen = page_of("operator"), ["/hub/"], set[str]()
    while found:
        address = found.pop()
        if address in seen or not address.startswith("/hub/"):
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.headers["content-type"].startswith("text/html"):
            found += [link.partition("#")[0] for link in shown(answer).addresses]
    kinds = {address.split("/")[2].partition("?")[0] for address in seen}
    assert kinds == {
        *("", "alerts", "approvals", "catalogue", "deliveries", "feeds", "forecasts"),
        *("notifications", "publishes", "quarantine", "dispatches"),
    }
    assert {f"/hub/deliveries/{one}" for one in (*came, personal)} <= seen


def test_a_feed_shows_its_place_in_the_calendar_and_what_came(came: Came, look: Look) -> None:
    start = look("/")
    assert "on time" in start.words
    assert "1 duplicate, 2 loaded, 1 refused" in start.words.replace(" ,", ",").replace("1 held, ", "")
    assert "never" in start.words
    held = look(f"/feeds/{FEED}?status=held")
    assert f"/hub/deliveries/{came.held}" in held.addresses
    assert f"/hub/deliveries/{came.loaded}" not in held.addresses


@pytest.mark.usefixtures("came")
def test_the_calendar_that_the_ledger_gives_is_that_of_the_contracts(settings: Settings, catalogue: Catalogue) -> None:
    with open_warehouse(settings, Role.AUDITOR).connect() as connection:
        for now in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=3), datetime.now(UTC) + timedelta(days=300)):
            assert known_arrivals(connection, now) == arrivals(connection, catalogue, now)


def test_an_unknown_feed_delivery_or_publish_is_not_found(page_of: PageOf) -> None:
    client = page_of("operator")
    nobody = uuid.UUID(int=0)
    for address in ("/feeds/nothing", f"/deliveries/{nobody}", f"/deliveries/{nobody}/errors.csv", "/publishes/9"):
        answer = client.get(f"/hub{address}")
        assert (answer.status_code, "<h1>Not found</h1>" in answer.text) == (404, True)
    assert client.get("/hub/deliveries/what").status_code == 422


def test_the_error_file_is_the_one_that_was_written_for_the_sender(
    came: Came, page_of: PageOf, settings: Settings
) -> None:
    answer = page_of("operator").get(f"/hub/deliveries/{came.half_bad}/errors.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{came.half_bad}.errors.csv"'
    assert answer.content == (settings.outbox / FEED / f"{came.half_bad}.errors.csv").read_bytes()
    assert answer.text.splitlines()[1].startswith("6,7,activity,activity.known,")


def test_what_waits_for_a_decision_is_listed_with_its_rules(came: Came, look: Look) -> None:
    page = look("/quarantine")
    assert f"/hub/deliveries/{came.half_bad}/rows?state=open" in page.addresses
    assert f"/hub/deliveries/{came.held}" in page.addresses
    assert "activity.known" in page.words
    assert "good.csv" not in page.words


def test_a_question_leads_to_the_page_of_airflow_where_it_is_answered(asked: Question, look: Look) -> None:
    page = look("/approvals")
    assert str(asked.asked_by) in page.words
    assert page.links["Release quarantine: answer in Airflow"] == (
        "/dags/release_quarantine/runs/manual__2026-11-28T19%3A13%3A17.123456%2B00%3A00/required_actions"
    )


def test_all_questions_that_wait_are_counted_and_listed(settings: Settings, look: Look) -> None:
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        for number in range(60):
            run_id, about = f"manual__{number}", {"quarantine_ids": list[str]()}
            question = Question(uuid.UUID(int=number), "release_quarantine", run_id, "operator", about)
            approvals.keep_question(connection, question)
    assert "60 approvals wait" in look("/").words
    assert look("/approvals").words.count("Release quarantine: answer in Airflow") == 60


@pytest.mark.usefixtures("asked")
def test_a_run_that_somebody_gave_a_name_of_their_own_is_not_told_by_it(settings: Settings, look: Look) -> None:
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        connection.execute(sa.text("update ledger.questions set run_id = 'for Robin Sample'"))
    page = look("/approvals")
    assert "Robin" not in " ".join(page.addresses)
    assert page.links["Release quarantine: answer in Airflow"].startswith("/dags/release_quarantine/required_actions")


def test_an_alert_of_a_newer_hub_is_shown_by_its_own_words(settings: Settings, look: Look) -> None:
    alert = {"cause": "comet:1", "kind": "comet_seen", "owner": "hub", "detail": "above the roof"}
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        connection.execute(sa.insert(ALERTS).values(alert))
    assert "comet seen" in look("/alerts").words
    assert "above the roof" in look("/alerts").words


def test_messages_without_a_channel_are_listed_until_there_is_one(
    came: Came, told: Callable[[], None], look: Look, settings: Settings
) -> None:
    assert "None." in look("/notifications").words
    told()
    assert "None." in look("/notifications").words
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        connection.execute(sa.text("delete from ledger.notification_sends"))
    assert "A delivery is held: hub_activity" in look("/notifications").words
    assert "none takes it" in look("/notifications").words
    assert "no channel takes it" in look(f"/deliveries/{came.held}").section("Who is told")


def test_a_delivery_says_what_it_changed_in_what_readers_see(came: Came, settings: Settings, look: Look) -> None:
    engine = open_warehouse(settings, Role.OWNER)
    said = "In what readers see"
    assert look(f"/deliveries/{came.loaded}").section(said) == "Nothing is published yet."
    publish(engine, 1, [came.loaded], incidents_v1=3, measures_v1=5)
    assert "It rests on this delivery, and the one before did not" in look(f"/deliveries/{came.loaded}").section(said)
    assert "does not rest on this delivery" in look(f"/deliveries/{came.held}").section(said)
    publish(engine, 2, [came.loaded, came.half_bad, came.held], incidents_v1=8, measures_v1=5)
    told = look(f"/deliveries/{came.half_bad}").section(said)
    assert "publish 2" in told
    assert "1 other came in with it" in told
    assert "incidents_v1 3 8" in told
    assert "measures_v1" not in told
    assert "as the one before did" in look(f"/deliveries/{came.loaded}").section(said)
    with begin(engine) as connection:
        back = {"publish_id": 1, "kind": "switched", "because": "desk: wrong figures"}
        connection.execute(sa.insert(PUBLISH_SWITCHES).values(back))
    told = look(f"/deliveries/{came.half_bad}").section(said)
    assert "Publish 2 does; readers were switched back." in told
    assert "next build" not in told


def test_publishes_show_their_checks_and_which_one_readers_see(settings: Settings, look: Look) -> None:
    engine = open_warehouse(settings, Role.OWNER)
    publish(engine, 1, [], incidents_v1=3)
    publish(engine, 2, [], incidents_v1=4)
    with begin(engine) as connection:
        connection.execute(sa.text(f"create schema {build_schema(1)}"))
        back = {"publish_id": 1, "kind": "switched", "because": "desk: wrong figures"}
        connection.execute(sa.insert(PUBLISH_SWITCHES).values(back))
    page = look("/publishes")
    assert "Publish 2 dropped" in page.words
    assert "Publish 1 current" in page.words
    assert "desk: wrong figures" in page.words
    one = look("/publishes/1")
    assert "readers see it" in one.words
    assert "incidents_v1.built passed stands" in one.words
    assert look("/").links["Readers see publish 1"] == "/hub/publishes/1"
    assert "/dags/switch_publish" not in one.addresses
    assert "/dags/switch_publish" not in look("/publishes/2").addresses
    with begin(engine) as connection:
        connection.execute(sa.text(f"create schema {build_schema(2)}"))
    assert "/dags/switch_publish" in look("/publishes/2").addresses


def test_forecasts_say_whether_they_are_published_and_why_not(settings: Settings, look: Look) -> None:
    run = {"cut_off": datetime(2026, 3, 1, tzinfo=UTC).date(), "data_sha256": "", "boundary_version": ""}
    run |= {"panel": "force", "model_version": "stack-3", "is_withheld": True, "withheld_because": "too few events"}
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        values = [{"run_id": uuid.UUID(int=1), **run, "verdict": "too_few_events"}]
        connection.execute(sa.insert(RUNS), values)
    assert "force withheld too few events too few events 2026-03-01" in look("/forecasts").words


def test_a_withdrawn_delivery_says_who_took_it_out_and_why(came: Came, settings: Settings, look: Look) -> None:
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        taken_out = "status = 'withdrawn', withdrawn_at = now(), withdrawn_by = 'desk', withdrawn_because = 'a test'"
        connection.execute(
            sa.text(f"update ledger.deliveries set {taken_out} where delivery_id = :one"), {"one": came.loaded}
        )
    assert "by desk: a test" in look(f"/deliveries/{came.loaded}").section("What happened")


def test_simulated_samples_are_said_to_be_so(came: Came, settings: Settings, look: Look) -> None:
    pages = ["/", f"/deliveries/{came.loaded}"]
    assert not any("simulated" in look(page).words for page in pages)
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        query = sa.select(DELIVERIES.c.sha256).where(DELIVERIES.c.delivery_id == came.loaded)
        note_simulated(connection, connection.scalars(query))
    assert all("simulated" in look(page).words for page in pages)
    assert "simulated" not in look(f"/deliveries/{came.held}").words


def test_a_delivery_is_found_by_the_id_that_messages_give(came: Came, page_of: PageOf) -> None:
    answer = page_of("viewer").get("/hub/find", params={"delivery_id": str(came.held)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/hub/deliveries/{came.held}")

"""How pages are served: below Airflow's path, kept by no browser, and when the warehouse does not answer."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from hub.page import make_page
from hub.settings import Settings
from page.conftest import READERS, served_below, starts_nothing
from page.shown import shown

PageOf = Callable[[str | None], TestClient]


def test_where_airflow_is_served_below_a_path_all_links_are(settings: Settings) -> None:
    page = make_page(lambda: settings, lambda: READERS["operator"], starts_nothing)
    with TestClient(served_below(page, "/airflow")) as client:
        start = shown(client.get("/airflow/hub/"))
        refused = client.get("/airflow/hub/feeds/nothing").text
    assert {link.split("/")[1] for link in start.addresses if link.startswith("/")} == {"airflow"}
    assert start.links["Airflow"] == "/airflow/"
    assert start.tree.xpath("//a[@aria-current='page']/@href") == ["/airflow/hub/"]
    assert 'href="/airflow/"' in refused


def test_nothing_on_a_page_is_kept_by_a_browser(page_of: PageOf) -> None:
    assert page_of("viewer").get("/hub/").headers["cache-control"] == "no-store"


def test_a_warehouse_that_does_not_answer_is_said_without_a_word_of_it(
    page_of: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = page_of("operator")
    monkeypatch.setattr("hub.page.reading.LONGEST_QUERY", "1ms")
    monkeypatch.setattr("hub.page.queries.FEEDS", "select pg_sleep(1)")
    answer = client.get("/hub/")
    assert (answer.status_code, "Try again" in answer.text) == (503, True)
    assert "pg_sleep" not in answer.text

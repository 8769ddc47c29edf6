"""The catalogue on the page: what is published, and from which columns of delivered files it comes."""

import json
from collections.abc import Callable
from dataclasses import asdict

from starlette.testclient import TestClient

from hub.data_catalogue import Origin, OriginKind, PublishedColumn, PublishedView, Step
from hub.data_catalogue.store import DBT_PAGE, WAYS
from hub.settings import Settings
from page.shown import Shown, shown

STRANDS = Origin(OriginKind.FILE, "true_vision_reports", "strands")
FORCES = Origin(OriginKind.CODE_LIST, "police_forces", "force_name")
VIEW = PublishedView(
    "incidents_v1",
    "One row per incident.",
    (
        PublishedColumn("incident_id", "uuid", "The incident.", (), ("linkage.report_incidents",)),
        PublishedColumn("strands", "text[]", "Why <somebody> was attacked.", (FORCES, STRANDS), ()),
        PublishedColumn("count_reports", "bigint", "Its reports.", (), ()),
    ),
)
STEP = Step("linkage.report_incidents", "The incident of each report.", (STRANDS,), ())


def _write(settings: Settings) -> None:
    settings.catalogue.mkdir(parents=True)
    told = {"code_sha256": "c", "views": [asdict(VIEW)], "steps": [asdict(STEP)]}
    (settings.catalogue / WAYS).write_text(json.dumps(told))
    (settings.catalogue / DBT_PAGE).write_text("<script>models</script>")


def test_a_view_shows_what_each_column_means_and_comes_from(look: Callable[[str], Shown], settings: Settings) -> None:
    _write(settings)
    assert "/hub/catalogue/incidents_v1" in look("/catalogue").addresses
    view = look("/catalogue/incidents_v1")
    assert "Why <somebody> was attacked." in view.words
    assert "true_vision_reports: strands code list police_forces: force_name" in view.words
    assert "counted, or always the same" in view.words
    assert "/hub/catalogue/linkage.report_incidents" in view.addresses
    assert "true_vision_reports strands" in look("/catalogue/linkage.report_incidents").words


def test_the_page_of_all_models_is_saved_and_not_run(
    page_of: Callable[[str | None], TestClient], settings: Settings
) -> None:
    _write(settings)
    answer = page_of("viewer").get("/hub/catalogue/dbt.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.text == "<script>models</script>"


def test_before_the_first_one_it_says_who_writes_it(page_of: Callable[[str | None], TestClient]) -> None:
    client = page_of("viewer")
    assert "write_catalogue" in shown(client.get("/hub/catalogue")).words
    for path in ("dbt.html", "incidents_v1", "..%2f..%2fsecrets"):
        assert client.get(f"/hub/catalogue/{path}").status_code == 404

"""The briefing can be read by everybody, says what is withheld and why, and holds no more than what is published."""

import datetime as dt
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from pypdf import PdfReader

from briefing.published import CUT_OFF, OUTSIDE, WITHHELD, forecasts, full_week, names, published, run
from documents.tagged import tagged
from hub.briefing.content import Briefing
from hub.briefing.maps import SHADES, class_breaks, class_labels, class_of
from hub.briefing.page import write_page
from hub.briefing.phrases import amount, rounded, share
from hub.briefing.sections import make_briefing
from hub.briefing.shapes import BoundariesRefused, read_shapes
from hub.briefing.tables import QUERIES
from hub.documents.pdf import as_pdf
from hub.publish.tiles import read_tiles


@pytest.fixture(scope="module")
def briefing() -> Briefing:
    return make_briefing(full_week())


@pytest.fixture(scope="module")
def page(briefing: Briefing, tmp_path_factory: pytest.TempPathFactory) -> html.HtmlElement:
    path = tmp_path_factory.mktemp("briefing") / "briefing.html"
    write_page(briefing, path)
    return html.fromstring(path.read_bytes())


def _words(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content())


@pytest.mark.parametrize(
    ("map_code", "prefixes", "count"), [("forces", ("E23", "W15"), 43), ("boroughs", ("E09",), 33)]
)
def test_every_area_has_one_tile_of_its_own(map_code: str, prefixes: tuple[str, ...], count: int) -> None:
    tiles = read_tiles(map_code)
    assert {tile.area_code for tile in tiles} == {code for code in names() if code.startswith(prefixes)}
    assert len(tiles) == count
    assert max(Counter((tile.column, tile.row) for tile in tiles).values()) == 1


@pytest.mark.parametrize(("fill", "ink"), SHADES)
def test_words_on_every_shade_have_a_contrast_of_at_least_four_and_a_half(fill: str, ink: str) -> None:
    lighter, darker = sorted((_luminance(fill), _luminance(ink)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_shades_stay_apart_in_grey() -> None:
    grey = [_luminance(fill) for fill, _ in SHADES]
    assert all(lighter > 1.3 * darker for lighter, darker in pairwise(grey))


def test_an_amount_at_the_end_of_a_class_is_in_it_and_areas_alike_are_in_one() -> None:
    breaks = class_breaks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    assert breaks == [3, 5, 7, 9]
    assert [class_of(amount, breaks) for amount in (3, 3.1, 9, 60)] == [0, 1, 3, 4]
    assert class_breaks([2, 2, 2]) == []
    assert class_labels([]) == ["all areas alike"]


@pytest.mark.parametrize(
    "reports", [[0.19, 0.21, 0.22, 0.24, 0.3, 1.4], [0.01, 0.02, 0.03], [9.94, 9.96, 10.2, 10.4, 11]]
)
def test_every_class_of_a_map_is_named_apart_and_holds_the_amounts_that_it_names(reports: list[float]) -> None:
    breaks = class_breaks(reports)
    labels = class_labels(breaks)
    assert len(set(labels)) == len(labels) == len(breaks) + 1
    assert not [label for label in labels if label.startswith("above") and len(set(re.findall(r"[0-9.]+", label))) == 1
                and "up to" in label]  # fmt: skip
    # Two areas for which the map shows the same number are in one class.
    classes = {(amount(one), class_of(one, breaks)) for one in reports}
    assert len({shown for shown, _ in classes}) == len(classes)


def test_page_can_be_read_without_seeing_it(page: html.HtmlElement) -> None:
    assert page.get("lang") == "en-GB"
    drawings = page.xpath("//figure/div[@role='img']")
    assert len(drawings) == 4
    assert all(len(drawing.get("aria-label")) > 60 for drawing in drawings)
    tables = page.xpath("//table")
    assert all(table.xpath("caption") for table in tables)
    assert all(table.xpath("thead//th[@scope='col']") for table in tables)
    assert all(row.xpath("th[@scope='row']") for table in tables for row in table.xpath("tbody/tr"))
    assert len(page.xpath("//h1")) == 1
    assert [link.get("href") for link in page.xpath("//nav//a")] == [f"#{one.get('id')}" for one in page.xpath("//h2")]


def test_the_table_below_a_map_holds_its_numbers(page: html.HtmlElement) -> None:
    rows = page.xpath("//section[.//h2[@id='forces']]//tbody/tr")
    assert len(rows) == 43
    assert [_words(cell) for cell in rows[2]][1:5] == ["20", "10 to 33", "3 (1 to 6)", "50%"]
    assert "less than nine tenths" in _words(rows[2])


def test_withheld_forecasts_are_said_with_their_reason(page: html.HtmlElement) -> None:
    assert f"No forecast by small area (LSOA) is published: {WITHHELD}." in _words(page)


def test_what_lies_outside_its_range_is_said_once(page: html.HtmlElement) -> None:
    assert page.text_content().count(OUTSIDE) == 1


def test_a_map_of_what_is_withheld_is_not_drawn() -> None:
    runs = [run("force", WITHHELD), run("local_authority")]
    briefing = make_briefing(published(forecasts=forecasts("local_authority", "boroughs"), runs=runs))
    sections = {section.anchor: section for section in briefing.sections}
    assert "forces" not in sections
    assert sections["not_shown"].points[0] == f"No forecast by force is published: {WITHHELD}."
    assert len(sections["boroughs"].pictures) == 2


def test_an_authority_outside_london_is_not_called_a_borough_and_a_monthly_panel_does_not_date_the_week() -> None:
    boroughs = forecasts("local_authority", "boroughs")
    elsewhere = boroughs[0] | {"area_code": "E08000025", "area_name": "Birmingham", "expected_reports": 900.0}
    runs = [run("local_authority"), run("recorded_crime", WITHHELD, CUT_OFF + dt.timedelta(days=20))]
    briefing = make_briefing(published(forecasts=[elsewhere, *boroughs], runs=runs))
    assert briefing.week == CUT_OFF
    sections = {section.anchor: section for section in briefing.sections}
    first = boroughs[0]["area_name"]
    assert sections["first"].points[0].startswith(f"Most reports are expected in these London boroughs: {first} (")
    assert len(sections["boroughs"].tables[0].rows) == 33


def test_a_week_of_nothing_says_so_everywhere(tmp_path: Path) -> None:
    briefing = make_briefing(published())
    write_page(briefing, tmp_path / "briefing.html")
    told = _words(html.fromstring((tmp_path / "briefing.html").read_bytes()))
    assert briefing.week == CUT_OFF
    for sentence in ("No forecast has been made yet.", "No area has been approved for tasking.", "There is nothing to"):
        assert sentence in told


def test_a_forecast_that_was_made_and_shows_nothing_is_not_called_unmade() -> None:
    birmingham = forecasts("local_authority", "boroughs")[0] | {"area_code": "E08000025", "area_name": "Birmingham"}
    runs = [run("force", WITHHELD), run("local_authority"), run("online")]
    sections = {one.anchor: one for one in make_briefing(published(forecasts=[birmingham], runs=runs)).sections}
    told = " ".join(sections["not_shown"].points)
    assert "none has been made" not in told
    for reason in (WITHHELD, "has no London borough", "ten authors"):
        assert told.count(reason) == 1


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ({"count_themes": 0, "count_compared": 0}, "no theme to look at"),
        ({"count_themes": 9, "count_compared": 0}, "cannot be said yet"),
        ({"count_themes": 9, "count_compared": 9}, "No theme rises"),
    ],
)
def test_why_no_theme_rises_is_told_as_it_is(seen: dict[str, int], sentence: str) -> None:
    sections = {one.anchor: one for one in make_briefing(published(compared=[seen])).sections}
    assert sentence in " ".join(sections["not_shown"].points)


def test_a_row_in_quarantine_is_said_with_its_feed_and_the_measures_that_lack_it(page: html.HtmlElement) -> None:
    feeds, measures = page.xpath("//section[.//h2[@id='missing']]//tbody")
    assert [_words(cell) for cell in feeds.xpath("tr/*")] == ["Programme spend", "33", "1", "0", "0", "no"]
    assert _words(measures.xpath("tr/*")[0]) == "Claimed of what was spent, Spent of the budget"
    assert "1 row of 1 feed is in quarantine" in _words(page.xpath("//section[.//h2[@id='first']]")[0])


def test_what_an_approved_area_is_expected_to_have_names_its_horizon(page: html.HtmlElement) -> None:
    row = page.xpath("//section[.//h2[@id='tasking']]//tbody/tr")[0]
    assert [_words(cell) for cell in row][2:4] == ["4.2 (1 to 8)", "four weeks"]


def test_a_suppressed_count_stays_suppressed(page: html.HtmlElement) -> None:
    (row,) = page.xpath("//section[.//h2[@id='themes']]//tbody/tr")
    assert [_words(cell) for cell in row][4:6] == ["1 to 4", "6"]


def test_words_from_a_table_cannot_become_part_of_the_page(tmp_path: Path) -> None:
    rows = forecasts("force", "forces")
    rows[0]["area_name"] = "<script>alert(1)</script>"
    write_page(make_briefing(published(forecasts=rows)), tmp_path / "briefing.html")
    assert not html.fromstring((tmp_path / "briefing.html").read_bytes()).xpath("//script")


def test_document_can_be_followed_by_a_screen_reader_and_is_the_same_again(briefing: Briefing, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.pdf").write_bytes(as_pdf(briefing, full_week().published_at))
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    document = PdfReader(tmp_path / "one.pdf")
    root: Any = document.root_object
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert document.metadata is not None
    assert document.metadata.title == briefing.title
    elements = list(tagged(root["/StructTreeRoot"]))
    kinds = Counter(kind for kind, _ in elements)
    assert [alternative for kind, alternative in elements if kind == "/Figure" and alternative] == [
        picture.alternative for section in briefing.sections for picture in section.pictures
    ]
    tables = [table for section in briefing.sections for table in section.tables]
    assert kinds["/Table"] == len(tables)
    assert kinds["/TH"] == sum(len(table.header) for table in tables)
    assert kinds["/H1"] == len(briefing.sections)
    assert len(document.outline) == len(briefing.sections)


def test_a_share_that_is_not_quite_all_is_not_called_all() -> None:
    assert [share(value) for value in (0.997, 0.995, 1.0, 0.004, 0.0, None)] == [
        ">99%",
        ">99%",
        "100%",
        "<1%",
        "0%",
        "-",
    ]
    assert [amount(9.94), amount(9.96), rounded(9.96)] == ["9.9", "10", 10]
    assert [amount(9.94), amount(10.4)] == ["9.9", "10"]


def test_nothing_but_published_views_is_read() -> None:
    for query in QUERIES.values():
        assert re.findall(r"\b(?:from|join)\s+(\S+)", query)
        assert all(one.startswith("publish.") for one in re.findall(r"\b(?:from|join)\s+(\S+)", query))


def _square(code: str, corner: float) -> dict[str, object]:
    ring = [[corner, 51], [corner + 1, 51], [corner + 1, 52], [corner, 52], [corner, 51]]
    return {"properties": {"PFA22CD": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _with_geometry(geometry: dict[str, object]) -> str:
    return json.dumps({"features": [_square("E23000001", 0) | {"geometry": geometry}]})


def test_true_shapes_are_drawn_where_a_boundary_file_names_the_areas(tmp_path: Path) -> None:
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps({"features": [_square("E23000001", 0), _square("E23000005", -2), _square("other", 3)]}))
    assert read_shapes(file, ["E23000001", "E23000005"]).paths.keys() == {"E23000001", "E23000005"}
    sections = {section.anchor: section for section in make_briefing(full_week(), file).sections}
    assert "tile" not in sections["forces"].pictures[0].caption
    assert "tile" in sections["boroughs"].pictures[0].caption


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("a,b", "not GeoJSON"),
        (json.dumps({"features": [_square("other", 0)]}), "names none of the areas"),
        (json.dumps({"features": [_square("E23000001", 530000)]}), "not degrees"),
        (json.dumps({"features": [_square("E23000001", 0) | {"geometry": None}]}), "shape"),
        (_with_geometry({"type": "GeometryCollection", "geometries": []}), "a GeometryCollection, not a polygon"),
        (_with_geometry({"type": "Polygon", "coordinates": []}), "a shape is empty"),
        (_with_geometry({"type": "MultiPolygon", "coordinates": [[[]]]}), "a shape is empty"),
        (_with_geometry({"type": "Polygon", "coordinates": [[1, 2, 3]]}), "no polygon of points"),
        (json.dumps({"features": [None]}), "not GeoJSON"),
    ],
)
def test_a_file_without_usable_shapes_is_refused_with_what_is_wrong(tmp_path: Path, text: str, because: str) -> None:
    file = tmp_path / "areas.geojson"
    file.write_text(text)
    with pytest.raises(BoundariesRefused, match=because):
        read_shapes(file, ["E23000001"])


def test_a_map_on_which_most_areas_expect_nothing_shows_the_one_that_expects_much_apart() -> None:
    reports = [0.0] * 32 + [12.0]
    breaks = class_breaks(reports)
    assert class_of(12.0, breaks) != class_of(0.0, breaks)
    assert class_labels(breaks) != ["all areas alike"]

"""What somebody meets who turns the pages of a briefing, or goes through it by keyboard."""

import re
from pathlib import Path

import pytest
from lxml import html

from briefing.published import full_week, published
from browser import NARROW, WIDE, axe_findings, chromium
from hub.briefing.page import write_page
from hub.briefing.sections import make_briefing
from hub.briefing.tables import PublishedTables
from page.accessibility import faults


def test_the_page_lacks_nothing_that_keyboard_and_screen_reader_need(tmp_path: Path) -> None:
    write_page(make_briefing(full_week()), tmp_path / "briefing.html")
    assert faults(html.fromstring((tmp_path / "briefing.html").read_bytes())) == []


@pytest.mark.parametrize("tables", [full_week(), published()], ids=["a full week", "nothing yet"])
def test_axe_finds_nothing_on_the_page_on_a_wide_and_on_a_narrow_screen(
    tables: PublishedTables, tmp_path: Path
) -> None:
    write_page(make_briefing(tables), tmp_path / "briefing.html")
    with chromium() as browser:
        page = browser.new_page()
        page.goto((tmp_path / "briefing.html").as_uri())
        for width in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            assert axe_findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_finds_a_drawing_that_nobody_can_hear(tmp_path: Path) -> None:
    write_page(make_briefing(full_week()), tmp_path / "briefing.html")
    silent = re.sub(r'(role="img") aria-label="[^"]*"', r"\1", (tmp_path / "briefing.html").read_text())
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(silent)
        assert {one.partition(" ")[0] for one in axe_findings(page)} == {"role-img-alt"}

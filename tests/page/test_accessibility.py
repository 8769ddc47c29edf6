"""What somebody needs who reads by ear, by keyboard or with little contrast."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from each import of_each
from hub.page.render import STYLE
from page.accessibility import axe_on, faults
from page.conftest import FEED, Came
from page.shown import Shown

LEAST_CONTRAST = 4.5
"""Of text, by the Web Content Accessibility Guidelines 2.2, level AA."""
ON_GROUND = ("text", "quiet", "link")
MARKED = ("good", "warn", "bad")
PARTS = (
    *("/", f"/feeds/{FEED}", "/quarantine", "/approvals", "/alerts"),
    *("/notifications", "/publishes", "/dispatches", "/forecasts", "/catalogue"),
)


def schemes() -> list[dict[str, str]]:
    """The colours of the style sheet by name: light, then dark."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text(), re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", block)) for block in blocks]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@of_each("scheme", schemes())
def test_text_stands_out_from_its_ground(scheme: dict[str, str]) -> None:
    pairs = [(text, ground) for text in ON_GROUND for ground in ("ground", "raised")]
    pairs += [(one, f"{one}-ground") for one in MARKED]
    assert {pair for pair in pairs if contrast(scheme[pair[0]], scheme[pair[1]]) < LEAST_CONTRAST} == set()


@pytest.mark.usefixtures("asked", "personal")
def test_every_page_can_be_read_and_used_without_eyes_or_mouse(
    came: Came, told: Callable[[], None], look: Callable[[str], Shown]
) -> None:
    told()
    addresses = [*PARTS, *(f"/deliveries/{one}" for one in came), f"/deliveries/{came.half_bad}/rows"]
    wanting = {address: faults(look(address).tree) for address in addresses}
    assert {address: found for address, found in wanting.items() if found} == {}


@pytest.mark.usefixtures("asked", "personal")
def test_axe_finds_nothing_on_any_page_by_light_or_in_the_dark(
    came: Came, told: Callable[[], None], page_of: Callable[[str | None], TestClient]
) -> None:
    told()
    addresses = [*PARTS, *(f"/deliveries/{one}" for one in came), f"/deliveries/{came.half_bad}/rows"]
    assert axe_on(page_of("operator"), addresses) == {}


def test_no_page_needs_a_script_or_anything_from_elsewhere(came: Came, look: Callable[[str], Shown]) -> None:
    for address in ("/", f"/deliveries/{came.held}"):
        tree = look(address).tree
        assert tree.xpath("//script|//iframe|//@onclick|//@style") == []
        assert tree.xpath("//link/@href") == ["/hub/style.css", "data:,"]
    assert "url(" not in STYLE.read_text()
    assert "@import" not in STYLE.read_text()

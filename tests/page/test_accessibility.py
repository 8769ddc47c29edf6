"""What somebody needs who reads by ear, by keyboard or with little contrast."""

import itertools
import re
from collections.abc import Callable

import pytest

from each import of_each
from hub.page.render import STYLE
from page.conftest import FEED, Came
from page.shown import Shown

LEAST_CONTRAST = 4.5
"""Of text, by the Web Content Accessibility Guidelines 2.2, level AA."""
ON_GROUND = ("text", "quiet", "link")
MARKED = ("good", "warn", "bad")
PARTS = (
    *("/", f"/feeds/{FEED}", "/quarantine", "/approvals", "/alerts"),
    *("/notifications", "/publishes", "/forecasts", "/catalogue"),
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


def faults(page: Shown) -> list[str]:
    """What a page lacks."""
    tree, found = page.tree, []
    if tree.get("lang") != "en" or not tree.xpath("//title/text()"):
        found.append("language or title")
    found += [name for name in ("main", "header", "h1") if len(tree.xpath(f"//{name}")) != 1]
    found += ["a navigation without a name" for nav in tree.xpath("//nav") if not nav.get("aria-label")]
    for table in tree.xpath("//table"):
        if not table.xpath("./caption") or table.xpath(".//th[not(@scope)]"):
            found.append("a table without caption, or a heading without scope")
    inputs, labels = tree.xpath("//input/@id"), tree.xpath("//label/@for")
    found += [f"{name} has no label" for name in inputs if name not in labels]
    found += ["a link without words" for link in tree.xpath("//a[@href]") if not link.text_content().strip()]
    levels = [int(one.tag[1]) for one in tree.xpath("//h1|//h2|//h3")]
    if any(after - before > 1 for before, after in itertools.pairwise(levels)):
        found.append("headings that leave a level out")
    first = tree.xpath("//body/a[1]/@href")[0]
    if not tree.xpath(f"//*[@id='{first[1:]}' and @tabindex='-1']"):
        found.append("a way past the navigation")
    ids = tree.xpath("//@id")
    return found + [f"{one} twice" for one in set(ids) if ids.count(one) > 1]


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
    wanting = {address: faults(look(address)) for address in addresses}
    assert {address: found for address, found in wanting.items() if found} == {}


def test_no_page_needs_a_script_or_anything_from_elsewhere(came: Came, look: Callable[[str], Shown]) -> None:
    for address in ("/", f"/deliveries/{came.held}"):
        tree = look(address).tree
        assert tree.xpath("//script|//iframe|//@onclick|//@style") == []
        assert tree.xpath("//link/@href") == ["/hub/style.css", "data:,"]
    assert "url(" not in STYLE.read_text()
    assert "@import" not in STYLE.read_text()

"""What a page has to have for somebody who reads by ear or goes by keyboard."""

import itertools
from collections.abc import Iterable
from typing import Literal

from lxml import html
from playwright.sync_api import Route
from starlette.testclient import TestClient

from browser import NARROW, WIDE, axe_findings, chromium

LIGHT: Literal["light"] = "light"
DARK: Literal["dark"] = "dark"
HOST = "http://hub.invalid"


def axe_on(client: TestClient, addresses: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """What axe finds on pages below ``/hub``, by address and scheme: wide by light, narrow in the dark."""

    def answer(route: Route) -> None:
        said = client.get(route.request.url.removeprefix(HOST))
        route.fulfill(status=said.status_code, headers=dict(said.headers), body=said.content)

    found = {}
    with chromium() as browser:
        page = browser.new_page(bypass_csp=True)
        page.route(f"{HOST}/**", answer)
        for address in addresses:
            reached = page.goto(f"{HOST}/hub{address}")
            assert reached is not None
            assert reached.ok, address
            for width, scheme in ((WIDE, LIGHT), (NARROW, DARK)):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                found[address, scheme] = axe_findings(page)
    return {place: findings for place, findings in found.items() if findings}


def faults(tree: html.HtmlElement) -> list[str]:
    """What a page lacks."""
    found = []
    if not tree.get("lang", "").startswith("en") or not tree.xpath("//title/text()"):
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

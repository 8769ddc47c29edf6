"""What a page has to have for somebody who reads by ear or goes by keyboard."""

import itertools

from lxml import html


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

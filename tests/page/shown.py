"""A page as a person sees it: headings, words, links and tables."""

from dataclasses import dataclass

from httpx2 import Response
from lxml import html


@dataclass(frozen=True)
class Shown:
    """One page."""

    tree: html.HtmlElement

    @property
    def words(self) -> str:
        """All that is written in the main part, with single spaces."""
        (main,) = self.tree.xpath("//main")
        return " ".join(" ".join(main.itertext()).split())

    @property
    def links(self) -> dict[str, str]:
        """Address by what is written on it."""
        return {
            " ".join("".join(one.itertext()).split()): str(one.get("href")) for one in self.tree.xpath("//a[@href]")
        }

    @property
    def addresses(self) -> list[str]:
        """Of all links, in their order."""
        return [str(one) for one in self.tree.xpath("//a/@href")]

    @property
    def navigation(self) -> list[str]:
        """The parts of the page that its reader is offered."""
        return [str(one) for one in self.tree.xpath("//header//nav//a/text()")]

    def section(self, heading: str) -> str:
        """The words between a heading of the second level and the next."""
        (start,) = [one for one in self.tree.xpath("//main/h2") if one.text_content() == heading]
        said = []
        for element in start.itersiblings():
            if element.tag == "h2":
                break
            said.extend(element.itertext())
        return " ".join(" ".join(said).split())


def shown(response: Response) -> Shown:
    """A page that was answered with 200."""
    assert response.status_code == 200, f"{response.request.url}: {response.status_code}"
    return Shown(html.fromstring(response.text))

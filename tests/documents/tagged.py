"""The structure of a tagged PDF, which a screen reader follows."""

from collections.abc import Iterator
from typing import Any


def tagged(element: Any) -> Iterator[tuple[str, str | None]]:
    """Kind and alternative text of an element of the structure, and of all within it."""
    element = element.get_object()
    if isinstance(element, list):
        for one in element:
            yield from tagged(one)
    elif isinstance(element, dict):
        if "/S" in element:
            yield str(element["/S"]), element.get("/Alt")
        if "/K" in element:
            yield from tagged(element["/K"])

"""Lists that go over pages, and what an address names and there is not."""

from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import HTTPException, Query

from hub.page import queries

PageNumber = Annotated[int, Query(ge=1, le=1_000)]


def or_404(find_it: Any, connection: sa.Connection, key: Any) -> Any:
    """What ``find_it`` finds by a key; 404 where there is none."""
    try:
        return find_it(connection, key)
    except LookupError:
        raise HTTPException(404) from None


def listed(found: list[Any], page: int) -> Mapping[str, Any]:
    """A page of a list; one line more than a page says that there is a next one."""
    has_more = len(found) > queries.PAGE_LENGTH
    return {"lines": found[: queries.PAGE_LENGTH], "page": page, "has_more": has_more}

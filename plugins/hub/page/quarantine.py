"""Rows in quarantine: to look at by the form of their values, and to ask for a decision that a second person makes.

What is asked for is a run of Airflow's DAG, started as the person who is logged in: this page decides nothing.
"""

import uuid
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from hub.deliveries import RowState
from hub.page import links, queries
from hub.page.answers import FOR_DECIDERS, page_of
from hub.page.asking import ASKING, NotAsked, not_asked, started
from hub.page.lists import PageNumber, listed, or_404
from hub.page.quarantined_rows import asked_about, open_by_rule, quarantined_rows, still_open
from hub.page.reading import reading

MOST_ROWS = 1_000
"""So many are decided about by one answer: each is released in a transaction of its own."""

MOST_COUNTED = 100_000
"""Of more rows a page says that they are more: to count a million takes longer than a reader waits."""

router = APIRouter(default_response_class=HTMLResponse)
Rule = Annotated[str, Query(max_length=200)]


class Wish(StrEnum):
    """What somebody asks for; a second person decides."""

    RELEASE = "release"
    REJECT = "reject"


class Which(StrEnum):
    """Which rows are asked about."""

    TICKED = "ticked"
    RULE = "rule"


@router.get("/quarantine", dependencies=FOR_DECIDERS)
def quarantine(request: Request, page: PageNumber = 1) -> HTMLResponse:
    """Deliveries of which rows, or all, wait for a decision."""
    with reading(request) as connection:
        lines = listed(queries.waiting_files(connection, page, MOST_COUNTED), page)
        return page_of(request, "quarantine", most_counted=MOST_COUNTED, **lines)


@router.get("/deliveries/{delivery_id}/rows", dependencies=FOR_DECIDERS)
def rows(
    request: Request,
    delivery_id: uuid.UUID,
    rule: Rule | None = None,
    state: RowState | None = None,
    page: PageNumber = 1,
) -> HTMLResponse:
    """A delivery's rows in quarantine: rule, reason, place and the form of values."""
    with reading(request) as connection:
        found = or_404(queries.delivery, connection, delivery_id)
        rules = queries.rules_of(connection, delivery_id)
        lines = listed(quarantined_rows(connection, delivery_id, rule, state, page), page)
        asked = asked_about(connection)
        return page_of(
            request,
            "rows",
            delivery=found,
            rule=rule,
            state=state,
            states=list(RowState),
            rules=rules,
            count_by_rule=sum(one.open for one in rules if one.rule == rule),
            most_rows=MOST_ROWS,
            asked={one: (waiting, links.answer_page(waiting)) for one, waiting in asked.items()},
            may_ask=any(one.state == RowState.OPEN and one.quarantine_id not in asked for one in lines["lines"]),
            **lines,
        )


@router.post("/deliveries/{delivery_id}/ask", dependencies=ASKING)
async def ask(
    request: Request,
    delivery_id: uuid.UUID,
    wish: Annotated[Wish, Form()],
    which: Annotated[Which, Form()] = Which.TICKED,
    row: Annotated[tuple[uuid.UUID, ...], Form()] = (),
    rule: Annotated[str | None, Form(max_length=200)] = None,
) -> Response:
    """Start the run in which a second person decides, and go there."""
    try:
        wanted = await run_in_threadpool(_wanted, request, delivery_id, row if which is Which.TICKED else rule or "")
    except NotAsked as problem:
        return not_asked(request, delivery_id, problem)
    return await started(request, delivery_id, {"quarantine_ids": [str(one) for one in wanted], "wish": wish.value})


def _wanted(request: Request, delivery_id: uuid.UUID, ticked_or_rule: tuple[uuid.UUID, ...] | str) -> list[uuid.UUID]:
    """The rows that are asked about. Raises :class:`NotAsked`."""
    with reading(request) as connection:
        or_404(queries.delivery, connection, delivery_id)
        if isinstance(ticked_or_rule, str):
            found = open_by_rule(connection, delivery_id, ticked_or_rule, MOST_ROWS)
        else:
            found = still_open(connection, delivery_id, ticked_or_rule)
            if missing := len(set(ticked_or_rule)) - len(found):
                raise NotAsked(
                    f"{missing} of the ticked rows are decided about already, or somebody is asked about them.", 409
                )
    if not found:
        is_rule = isinstance(ticked_or_rule, str)
        raise NotAsked(
            "Of no open row with this rule a decision is still to ask for." if is_rule else "No row was ticked."
        )
    return found

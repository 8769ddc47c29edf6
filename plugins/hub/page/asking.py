"""Asking for a decision about rows in quarantine: a run of Airflow's DAG, started as the person who is logged in."""

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.page import links
from hub.page.answers import FOR_DECIDERS, airflow_of, page_of
from hub.page.readers import NotStarted
from hub.page.same_site import sent_from_here

DECIDED_IN = "release_quarantine"
ASKING = [Depends(sent_from_here), *FOR_DECIDERS]


class NotAsked(Exception):
    """Nothing can be asked so; the message says why."""

    def __init__(self, why: str, code: int = 400) -> None:
        super().__init__(why)
        self.code = code


async def started(request: Request, delivery_id: uuid.UUID, given: Mapping[str, Any]) -> Response:
    """Start the run, and go to where it is answered."""
    try:
        run_id = await request.app.state.start_run(request, DECIDED_IN, given)
    except NotStarted as problem:
        return not_asked(request, delivery_id, NotAsked(str(problem), 502))
    return RedirectResponse(f"{airflow_of(request)}{links.answered_in(DECIDED_IN, run_id)}", 303)


def not_asked(request: Request, delivery_id: uuid.UUID, problem: NotAsked) -> HTMLResponse:
    """Why nothing was asked."""
    return page_of(request, "not_asked", http_status=problem.code, why=str(problem), delivery_id=delivery_id)

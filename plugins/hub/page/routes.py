"""What answers each address of the page. Each page is one short transaction, which only reads."""

import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from hub.contracts.file_names import withheld_name
from hub.deliveries import DeliveryStatus
from hub.ingest.data_docs import page_of_delivery
from hub.ingest.error_files import error_file_name
from hub.ingest.samples import NOTICE, holds_simulated
from hub.monitoring.watch import known_arrivals, open_alerts
from hub.notifications import outbox
from hub.page import advice, catalogue, corrections, dispatches, links, quarantine, queries
from hub.page.answers import FOR_DECIDERS, base_of, page_of
from hub.page.lists import PageNumber, listed, or_404
from hub.page.reading import reading
from hub.page.render import STYLE
from hub.store import StoreProblem, outbox_files

RECENT = timedelta(days=7)
MOST_LINES = 200

router = APIRouter(default_response_class=HTMLResponse)
for part in (catalogue, corrections, dispatches, quarantine):
    router.include_router(part.router)


@router.get("/style.css")
def style() -> FileResponse:
    """How it looks."""
    return FileResponse(STYLE, media_type="text/css")


@router.get("/")
def start(request: Request) -> HTMLResponse:
    """Feeds and their state, and what waits for a person."""
    now = datetime.now(UTC)
    with reading(request) as connection:
        alerts = open_alerts(connection)
        return page_of(
            request,
            "start",
            feeds=queries.feeds(connection, now - RECENT),
            arrivals={one.feed: one for one in known_arrivals(connection, now)},
            alerts=[one for one in alerts if one.cause.delivery_id is not None],
            count_alerts=len(alerts),
            count_questions=len(queries.waiting_questions(connection)),
            publish_id=queries.current_publish(connection),
            recent_days=RECENT.days,
            holds_simulated=holds_simulated(connection),
            notice=NOTICE,
            kind_of=advice.kind_of,
        )


@router.get("/find")
def find(request: Request, delivery_id: uuid.UUID) -> RedirectResponse:
    """To a delivery whose id somebody has from a message."""
    return RedirectResponse(f"{base_of(request)}/deliveries/{delivery_id}", 303)


@router.get("/feeds/{feed}")
def feed(request: Request, feed: str, status: DeliveryStatus | None = None, page: PageNumber = 1) -> HTMLResponse:
    """A feed's deliveries."""
    now = datetime.now(UTC)
    with reading(request) as connection:
        line = next((one for one in queries.feeds(connection, now - RECENT) if one.feed == feed), None)
        if line is None:
            raise HTTPException(404)
        return page_of(
            request,
            "feed",
            feed=line,
            arrival=next(one for one in known_arrivals(connection, now) if one.feed == feed),
            status=status,
            statuses=list(DeliveryStatus),
            **listed(queries.deliveries(connection, feed, status, page), page),
        )


@router.get("/deliveries/{delivery_id}")
def delivery(request: Request, delivery_id: uuid.UUID) -> HTMLResponse:
    """A delivery's way: what came, what became of it, who was told, what to do next, what readers see of it."""
    with reading(request) as connection:
        found = or_404(queries.delivery, connection, delivery_id)
        alerts = open_alerts(connection, delivery_id)
        return page_of(
            request,
            "delivery",
            delivery=found,
            meaning=advice.meaning_of(found),
            name_withheld=withheld_name(found.file_name),
            next_steps=advice.next_steps(found, [one.cause.kind for one in alerts]),
            alerts=alerts,
            kind_of=advice.kind_of,
            told=queries.told_of(connection, delivery_id),
            rules=queries.rules_of(connection, delivery_id),
            publish=queries.in_publish(connection, delivery_id),
            has_data_docs=page_of_delivery(request.app.state.settings, found.feed, delivery_id) is not None,
            has_error_file=_has_error_file(request, found.feed, delivery_id),
            actions=links.actions_for(found),
        )


def _has_error_file(request: Request, feed: str, delivery_id: uuid.UUID) -> bool | None:
    """Whether there is an error file; None where its store does not answer."""
    with suppress(StoreProblem):
        return outbox_files(request.app.state.settings).holds(error_file_name(feed, delivery_id))
    return None


@router.get("/deliveries/{delivery_id}/errors.csv", dependencies=FOR_DECIDERS)
def error_file(request: Request, delivery_id: uuid.UUID) -> Response:
    """The error file for the sender of a delivery; 503 where its store does not answer."""
    with reading(request) as connection:
        found = or_404(queries.delivery, connection, delivery_id)
    name = error_file_name(found.feed, delivery_id)
    try:
        content = outbox_files(request.app.state.settings).read(name)
    except FileNotFoundError:
        raise HTTPException(404) from None
    except StoreProblem:
        raise HTTPException(503) from None
    headers = {"content-disposition": f'attachment; filename="{PurePosixPath(name).name}"'}
    return Response(content, media_type="text/csv", headers=headers)


@router.get("/deliveries/{delivery_id}/rules.html")
def data_docs(request: Request, delivery_id: uuid.UUID) -> FileResponse:
    """The rules that a delivery kept and broke, as Great Expectations' Data Docs show them: counts, no value."""
    with reading(request) as connection:
        found = or_404(queries.delivery, connection, delivery_id)
    path = page_of_delivery(request.app.state.settings, found.feed, delivery_id)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="text/html")


@router.get("/approvals")
def approvals(request: Request) -> HTMLResponse:
    """Questions that wait for a second person, each with the page of Airflow where it is answered."""
    with reading(request) as connection:
        waiting = queries.waiting_questions(connection)
        return page_of(request, "approvals", lines=[(one, links.answer_page(one)) for one in waiting])


@router.get("/alerts")
def alerts(request: Request) -> HTMLResponse:
    """Open alerts."""
    with reading(request) as connection:
        found = open_alerts(connection)
        return page_of(
            request,
            "alerts",
            lines=found[:MOST_LINES],
            count_all=len(found),
            kind_of=advice.kind_of,
            page_about=links.page_about,
        )


@router.get("/notifications")
def notifications(request: Request) -> HTMLResponse:
    """Messages that no channel has taken yet."""
    with reading(request) as connection:
        entries = outbox.entries(connection)
        return page_of(request, "notifications", lines=entries[:MOST_LINES], count_all=len(entries))


@router.get("/publishes")
def publishes(request: Request) -> HTMLResponse:
    """Publishes, and the one that readers see."""
    with reading(request) as connection:
        return page_of(request, "publishes", lines=queries.publishes(connection), switches=queries.switches(connection))


@router.get("/publishes/{publish_id}")
def publish(request: Request, publish_id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> HTMLResponse:
    """One publish: its views and checks."""
    with reading(request) as connection:
        found = or_404(queries.publish, connection, publish_id)
        may_be_seen = found.is_kept and not found.is_current
        return page_of(request, "publish", publish=found, action=links.switch_to(publish_id) if may_be_seen else None)


@router.get("/forecasts")
def forecasts(request: Request) -> HTMLResponse:
    """The last forecast of each panel, and whether it is published."""
    with reading(request) as connection:
        return page_of(request, "forecasts", lines=queries.forecasts(connection))

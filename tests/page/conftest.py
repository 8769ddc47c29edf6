"""The page of a hub to which four broken files and a good one have come."""

import functools
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request
from starlette.testclient import TestClient

from contracts.samples import stored_sample
from hub.contracts.model import Catalogue
from hub.notifications.sending import send_due
from hub.orchestration import approvals
from hub.orchestration.approvals import Question
from hub.page import Reader, make_page
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import take_in
from notifications.conftest import Handed, Outbox
from page.shown import Shown, shown

FEED = "hub_activity"
PERSONAL_FEED = "true_vision_reports"
ROWS_THAT_MAY_BE_WRONG = 15
"""Of a file of more rows only a share may be."""
QUESTION = uuid.UUID(int=28)
HEADER = b"activity_ref,report_ref,role,officer_code,activity,decision,detail_code,started_at,hours,changed_at\n"
READERS = {"viewer": Reader("viewer", may_decide=False), "operator": Reader("operator", may_decide=True)}


@dataclass(frozen=True)
class Came:
    """The deliveries that came, by what became of each."""

    loaded: uuid.UUID
    duplicate: uuid.UUID
    refused: uuid.UUID
    held: uuid.UUID
    half_bad: uuid.UUID

    def __iter__(self) -> Iterator[uuid.UUID]:
        return iter(vars(self).values())


def entries(first: int, count: int, report_ref: str = "TV-00000001") -> bytes:
    """Rows of the team's work that the contract accepts."""
    return b"".join(
        f"HA-{number:08},{report_ref},analyst,P1,other,,,2026-10-05T13:30:00Z,1,\n".encode()
        for number in range(first, first + count)
    )


@pytest.fixture
def came(settings: Settings, catalogue: Catalogue) -> Came:
    """What came through the stages of an ingest: a good file and the same again, one with other columns, one whose
    rows are not plausible together, and one of which half is wrong."""
    engine, contract = open_warehouse(settings, Role.LOADER), catalogue.contracts[FEED]
    take = functools.partial(take_in, settings, engine, contract)
    good = HEADER + entries(1, 20)
    loaded = take(good, "good.csv").delivery_id
    take(good, "again.csv")
    held = take(HEADER + entries(100, 50, report_ref=""), "lost column.csv").delivery_id
    bad_half = b"".join(entries(number, 1).replace(b"other", b"meeting") for number in range(300, 305))
    half_bad = take(HEADER + entries(200, 5) + bad_half, "half bad.csv").delivery_id
    refused = take(b"what,when\nwork,today\n", "other columns.csv").delivery_id
    with engine.connect() as connection:
        repeated = sa.text("select delivery_id from ledger.deliveries where status = 'duplicate'")
        duplicate: uuid.UUID = connection.execute(repeated).scalar_one()
    return Came(loaded, duplicate, refused, held, half_bad)


@pytest.fixture
def personal(settings: Settings, catalogue: Catalogue) -> uuid.UUID:
    """A delivery of reports whose rows name people, most of them wrong in some way."""
    contract = catalogue.contracts[PERSONAL_FEED]
    data = b"".join(stored_sample(contract, "bad").read_bytes().splitlines(keepends=True)[:ROWS_THAT_MAY_BE_WRONG])
    engine = open_warehouse(settings, Role.LOADER)
    return take_in(settings, engine, contract, data, "robin.sample@example.org 07700 900123.csv").delivery_id


@pytest.fixture
def told(settings: Settings) -> Callable[[], None]:
    """A round of notifications by a channel that takes everything."""

    def tell() -> None:
        outbox = Outbox(settings, open_warehouse(settings, Role.LOADER))
        outbox.channel("desk", "json://127.0.0.1", from_severity="notice")
        send_due(settings, hand=Handed())

    return tell


@pytest.fixture
def asked(settings: Settings) -> Question:
    """A question that waits for a second person."""
    run = "manual__2026-11-28T19:13:17.123456+00:00"
    question = Question(QUESTION, "release_quarantine", run, "operator", {"quarantine_ids": []})
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        approvals.keep_question(connection, question)
    return question


async def starts_nothing(_request: Request, _dag_id: str, _given: Mapping[str, Any]) -> str:
    """In the place of Airflow where nothing is to be asked."""
    raise AssertionError


def served_below(page: FastAPI, root_path: str = "") -> FastAPI:
    """The page below ``/hub`` of an application that, as Airflow's, runs the life of what it serves."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with page.router.lifespan_context(page):
            yield

    outer = FastAPI(lifespan=lifespan, root_path=root_path)
    outer.mount("/hub", page)
    return outer


@contextmanager
def pages_of(settings: Settings) -> Iterator[Callable[[str | None], TestClient]]:
    """A hub's page as somebody of a role sees it, served below ``/hub`` as Airflow does; None: nobody is logged in."""
    with ExitStack() as stack:

        def client_of(role: str | None) -> TestClient:
            def admit() -> Reader:
                if role is None:
                    raise HTTPException(401)
                if role not in READERS:
                    raise HTTPException(403)
                return READERS[role]

            served = served_below(make_page(lambda: settings, admit, starts_nothing))
            return stack.enter_context(TestClient(served, follow_redirects=False))

        yield client_of


@pytest.fixture
def page_of(settings: Settings) -> Iterator[Callable[[str | None], TestClient]]:
    """The page of the hub."""
    with pages_of(settings) as client_of:
        yield client_of


@pytest.fixture
def look(page_of: Callable[[str | None], TestClient]) -> Callable[[str], Shown]:
    """What an operator sees at an address below ``/hub``."""
    client = page_of("operator")
    return lambda address: shown(client.get(f"/hub{address}"))

"""How long each page of the hub takes to answer: one of each kind that links lead to."""

import re
import time
from collections.abc import Mapping
from typing import Any

import lxml.html
from fastapi import Request
from starlette.testclient import TestClient

from benchmarks.report import Line
from hub.page import NotStarted, Reader, make_page
from hub.settings import Settings

LIMIT_MS = 300.0
ROUNDS = 3
SHOWN = 8
ONE_OF_MANY = re.compile(r"(?<=/)([0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+)(?=/|$)|(?<=/feeds/)[^/]+|(?<=/to/)[^/]+")
"""The part of an address that tells pages of one kind apart."""


def ask_pages(settings: Settings) -> list[Line]:
    """The slowest pages, best of three. Raises RuntimeError where one does not answer."""
    times: dict[str, float] = {}
    page = make_page(lambda: settings, lambda: Reader("operator", may_decide=True), _starts_nothing)
    with TestClient(page) as client:
        waiting = ["/"]
        while waiting:
            address = waiting.pop()
            kind = ONE_OF_MANY.sub("*", address.partition("?")[0])
            if kind in times:
                continue
            times[kind], text = _ask(client, address)
            if text.startswith("<!doctype html>"):
                links = lxml.html.fromstring(text).xpath("//a/@href")
                waiting += [link for link in links if link.startswith("/") and not link.startswith("//")]
    slowest = sorted(times.items(), key=lambda one: -one[1])[:SHOWN]
    return [Line(f"page {kind}", taken, "ms", taken, LIMIT_MS, "ms") for kind, taken in slowest]


async def _starts_nothing(_request: Request, _dag_id: str, _given: Mapping[str, Any]) -> str:
    raise NotStarted("a benchmark asks for nothing")


def _ask(client: TestClient, address: str) -> tuple[float, str]:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(address)
        best = min(best, (time.perf_counter() - began) * 1000)
    if answer.status_code not in (200, 404):  # of an address of Airflow's own there is no page here
        raise RuntimeError(f"{address}: HTTP {answer.status_code}")
    return best, answer.text

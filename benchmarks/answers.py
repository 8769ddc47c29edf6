"""How long the answer to each view's question takes."""

import time
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.questions import QUESTIONS

ROUNDS = 3


@dataclass(frozen=True)
class Answered:
    """The best of ``ROUNDS`` times to the last row in milliseconds, and how many rows came."""

    view: str
    milliseconds: float
    count_rows: int


def ask_all(engine: sa.Engine) -> list[Answered]:
    """Ask every published view its question. Raises RuntimeError naming views for which there is none."""
    with engine.connect() as connection:
        views = sorted(sa.inspect(connection).get_view_names(schema="publish"))
        if unasked := [view for view in views if view not in QUESTIONS]:
            raise RuntimeError(f"no question for {', '.join(unasked)}")
        return [_ask(connection, view, QUESTIONS[view].query) for view in views]


def _ask(connection: sa.Connection, view: str, query: str) -> Answered:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        rows = connection.execute(sa.text(query)).all()
        times.append(time.perf_counter() - began)
    return Answered(view, min(times) * 1000, len(rows))

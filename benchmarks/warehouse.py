"""What the warehouse costs: a build of everything beside the same SQL without dbt, the same days' deliveries on a short
and on a long history, the typical question to each published view, and the hub's own pages.

``python -m benchmarks warehouse`` on a million reports, ``--small`` on a tenth of it.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import Answered, ask_all
from benchmarks.histories import REPORTS_A_DAY, History, history_of
from benchmarks.own_hub import OwnHub, own_hub
from benchmarks.pages import ask_pages
from benchmarks.questions import QUESTIONS
from benchmarks.report import Line, print_lines
from benchmarks.same_sql import compiled_nodes, run_by_psql
from hub.build.warehouse_build import BuildResult, build_warehouse
from hub.publish import publish

SIZES = (100_000, 1_000_000)
FIRST_DAYS, MEASURED_DAYS = 1, 3
"""The day after a build from nothing is printed and not held against the limit: the database still cleans up behind
what was written. Of those after it the one is whose ratio is the median."""
BUILD_LIMIT, ANSWER_LIMIT_MS = 1.3, 200.0
LONG_DAY_LIMIT, SHORT_DAY_LIMIT = 1 / 3, 1.0
"""What a day may take of a build of everything of the same hub, with a long history and with a short one."""
DBT_PARTS = ("stage", "build_marts")
SLOWEST_SHOWN = 8


@dataclass(frozen=True)
class Day:
    """A day on a history: its records, the seconds of taking them in, and the build after it."""

    count_rows: int
    ingest_seconds: float
    build: BuildResult

    @property
    def seconds(self) -> float:
        return self.ingest_seconds + self.build.seconds


@dataclass(frozen=True)
class Measured:
    """One history from its first build to the answers of what was published."""

    reports: int
    count_rows: int
    ingest_seconds: float
    build: BuildResult
    psql_seconds: float
    psql_by_node: dict[str, float]
    days: Sequence[Day]
    publish_seconds: float
    answers: Sequence[Answered]
    pages: Sequence[Line]

    @property
    def dbt_seconds(self) -> float:
        """Of the build what dbt took: linkage is the same with it and without."""
        return sum(self.build.seconds_by_step[part] for part in DBT_PARTS)

    @property
    def build_ratio(self) -> float:
        return self.dbt_seconds / self.psql_seconds


def run(sizes: tuple[int, int] = SIZES, of_a_day: int = REPORTS_A_DAY) -> bool:
    """Measure and print; returns whether every limit is kept."""
    shorter, longer = (measure(reports, of_a_day) for reports in sizes)
    print(f"a day of some {of_a_day:,} reports, and the typical questions, on {longer.reports:,} reports")
    kept = print_lines([*_of_days(shorter, longer), *_of_questions(longer), *longer.pages])
    return kept and longer.build_ratio <= BUILD_LIMIT


def measure(reports: int, of_a_day: int) -> Measured:
    """Everything on one history of so many reports, printed as it comes."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder, own_hub() as hub:
        history = history_of(Path(folder), reports, days=FIRST_DAYS + MEASURED_DAYS, of_a_day=of_a_day)
        measured = _measure(hub, history, reports)
    print_lines(_of_build(measured))
    return measured


def _measure(hub: OwnHub, history: History, reports: int) -> Measured:
    began = time.perf_counter()
    taken = hub.take_in(history.before)
    ingest_seconds = time.perf_counter() - began
    count_rows = sum(delivery.rows_read for delivery in taken)
    print(f"{reports:,} reports with all that follows: {count_rows:,} records before the day", flush=True)
    build = build_warehouse(hub.settings)
    psql_seconds, psql_by_node = run_by_psql(hub.settings, compiled_nodes(hub.settings))
    days = [_day(hub, of_day) for of_day in history.days]
    began = time.perf_counter()
    publish(hub.settings, hub.engine)
    return Measured(
        reports,
        count_rows,
        ingest_seconds,
        build,
        psql_seconds,
        psql_by_node,
        days,
        time.perf_counter() - began,
        ask_all(hub.engine),
        ask_pages(hub.settings),
    )


def _day(hub: OwnHub, files: Sequence[Path]) -> Day:
    hub.rest()
    began = time.perf_counter()
    taken = hub.take_in(files)
    return Day(sum(one.rows_read for one in taken), time.perf_counter() - began, build_warehouse(hub.settings))


def _of_build(history: Measured) -> list[Line]:
    parts = [Line(f"  {part}", seconds, "s") for part, seconds in history.build.seconds_by_step.items()]
    slowest = sorted(history.build.nodes, key=lambda node: node.seconds, reverse=True)[:SLOWEST_SHOWN]
    return [
        Line("taking in the history", history.ingest_seconds, "s"),
        Line("build of everything", history.build.seconds, "s"),
        *parts,
        Line("the same SQL by psql", history.psql_seconds, "s"),
        Line("dbt's share of the build", history.dbt_seconds, "s", history.build_ratio, BUILD_LIMIT, "times psql"),
        *(Line(f"  {n.name[:38]}", n.seconds, f"s, psql {history.psql_by_node.get(n.name, 0):.2f}") for n in slowest),
        Line("publish", history.publish_seconds, "s"),
    ]


def _of_days(shorter: Measured, longer: Measured) -> list[Line]:
    """The days, then each part of the measured one on both histories: what grows is seen."""
    both = list(zip(shorter.days, longer.days, strict=True))
    measured = sorted(both[FIRST_DAYS:], key=lambda day: day[1].seconds / day[0].seconds)
    short, long = measured[len(measured) // 2]
    lines = [
        *(
            Line(f"day {number} on {longer.reports:,}", there.seconds, f"s, {here.seconds:.2f} s on the shorter")
            for number, (here, there) in enumerate(both, start=1)
        ),
        _of_day(longer, long, LONG_DAY_LIMIT),
        _of_day(shorter, short, SHORT_DAY_LIMIT),
        Line(f"  its records, beside {short.count_rows:,}", long.count_rows, ""),
    ]
    before, after = _parts(short), _parts(long)
    lines += [Line(f"  {part}", after[part], f"s, {before.get(part, 0):.2f} s on the shorter") for part in after]
    of_nodes = {node.name: node.seconds for node in short.build.nodes}
    grown = sorted(long.build.nodes, key=lambda node: of_nodes.get(node.name, 0) - node.seconds)
    return lines + [
        Line(f"  {node.name[:38]}", node.seconds, f"s, {of_nodes.get(node.name, 0):.2f} s on the shorter")
        for node in grown[:SLOWEST_SHOWN]
    ]


def _of_day(history: Measured, day: Day, limit: float) -> Line:
    whole = history.build.seconds
    what = f"the measured day on {history.reports:,}"
    return Line(what, day.seconds, "s", day.seconds / whole, limit, "times its build of everything")


def _parts(day: Day) -> dict[str, float]:
    of_kinds: dict[str, float] = defaultdict(float)
    for node in day.build.nodes:
        of_kinds[f"of that, {node.kind}s (sum over the threads)"] += node.seconds
    return {"taking it in": day.ingest_seconds, **day.build.seconds_by_step, **of_kinds}


def _of_questions(history: Measured) -> list[Line]:
    return [
        Line(
            f"{answer.view}, {answer.count_rows:,} rows",
            answer.milliseconds,
            "ms",
            answer.milliseconds,
            ANSWER_LIMIT_MS,
            f"ms; {QUESTIONS[answer.view].because}",
        )
        for answer in history.answers
    ]

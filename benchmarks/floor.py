"""What the floor of the hotspot forecasts costs in SQL: 35,000 areas x 520 weeks of counts, in the hub's own models.

``python -m benchmarks.floor``. The hub is built with nothing delivered; its areas and counts are filled with
made-up ones; the faded sums are made of them once by dbt's own SQL, as a forecast has them made; then the floor is
asked. What is held against the limit is the processor's time of the server's process, planning included and without
sending rows: what the clock shows on an idle machine. The clock's middle one of several stands beside it.
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.own_hub import own_hub
from benchmarks.report import Line, print_lines
from benchmarks.same_sql import compiled_nodes
from hub.build.warehouse_build import build_warehouse

AREAS, WEEKS, REPORTS, ROUNDS = 35_000, 520, 1_000_000, 7
MOST_MS = 100.0
FADED = "int_hotspots__faded"
CUT_OFF = "date '2026-10-05'"
FILL = f"""
truncate intermediate.int_hotspots__areas, intermediate.int_hotspots__counts, intermediate.{FADED},
    intermediate.int_hotspots__incidents;
insert into intermediate.int_hotspots__incidents
    (incident_id, report_origin, is_trained_on, is_online, occurred_on, known_on)
select gen_random_uuid(), 'public', true, 'no', {CUT_OFF} - 7 * number, {CUT_OFF}
from generate_series(1, 80) as numbers (number);
insert into intermediate.int_hotspots__areas
    (area_level, area_code, area_name, force_code, community_band, boundary_version)
select 'lsoa', 'E' || number, 'E' || number, 'E23000001', 'unknown', 'made up'
from generate_series(1, {AREAS}) as numbers (number);
insert into intermediate.int_hotspots__counts
    (area_level, area_code, strand_code, week_starts_on, known_week_starts_on, count_reports)
select 'lsoa', area_code, 'all', day, day, count(*)
from (
    select
        'E' || 1 + floor({AREAS} * power(random(), 1.5)) as area_code,
        {CUT_OFF} - 7 * (1 + mod(number, {WEEKS})) as day
    from generate_series(1, {REPORTS}) as numbers (number)
) as reports
group by area_code, day;
analyze intermediate.int_hotspots__areas, intermediate.int_hotspots__counts;
"""  # noqa: S608 - constants of this module
ASKED = "select * from intermediate.int_hotspots__floor where area_level = 'lsoa' and strand_code = 'all'"


def run() -> bool:
    """Measure and print; returns whether the limit is kept."""
    with own_hub() as hub:
        build_warehouse(hub.settings)
        made_of = {node.name: node.statement for node in compiled_nodes(hub.settings)}[FADED].partition(" as ")[2]
        with hub.engine.begin() as connection:
            connection.exec_driver_sql("select setseed(0.5)")
            connection.exec_driver_sql(FILL)
            began = time.perf_counter()
            connection.exec_driver_sql(f"insert into intermediate.{FADED} {made_of}")
            connection.exec_driver_sql(f"analyze intermediate.{FADED}")
            seconds = time.perf_counter() - began
            count, expected = connection.execute(
                sa.text(f"select count(*), sum(expected_reports) from ({ASKED}) as floor")  # noqa: S608
            ).one()
            before = _processor_ms(connection)
            by_the_clock = statistics.median(_asked(connection) for _ in range(ROUNDS))
            milliseconds = (_processor_ms(connection) - before) / ROUNDS
    print(f"  {count:,} areas, {WEEKS} weeks, {REPORTS:,} reports; {expected:,.0f} expected next week", flush=True)
    return print_lines(
        [
            Line("faded sums from the counts", seconds, "s"),
            Line("floor of every area, by the clock", by_the_clock, "ms"),
            Line(
                "floor of every area, processor", milliseconds, "ms", milliseconds / MOST_MS, 1.0, f"of {MOST_MS:g} ms"
            ),
        ]
    )


def _processor_ms(connection: sa.Connection) -> float:
    """Milliseconds that the server's process of this connection has had a processor so far."""
    process: int = connection.execute(sa.text("select pg_backend_pid()")).scalar_one()
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


def _asked(connection: sa.Connection) -> float:
    told: list[dict[str, Any]] = connection.execute(
        sa.text(f"explain (analyze, timing off, format json) {ASKED}")
    ).scalar_one()
    return float(told[0]["Planning Time"] + told[0]["Execution Time"])


if __name__ == "__main__":
    sys.exit(0 if run() else 1)

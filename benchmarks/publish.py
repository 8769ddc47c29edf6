"""A publish of a million incidents: copies, indexes, row security, the look through every role's eyes, and the switch.

The rows are generated in the database, over the columns that the marts really have; nothing is read or linked.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from benchmarks.own_hub import own_hub
from benchmarks.report import Line, print_lines
from hub.build.warehouse_build import build_warehouse
from hub.publish import publish
from hub.publish.published import CANDIDATE
from hub.publish.published_models import read_published_models
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

COUNT_INCIDENTS = 1_000_000
LIMIT_SECONDS = 60.0
GROWN = {"incidents_v1": 1.0, "allocations_v1": 1.3, "overdue_allocations_v1": 0.2, "victim_journeys_v1": 0.8}
"""Views that grow with incidents, and by how many rows an incident."""
COLUMNS = """
    select a.attname, format_type(a.atttypid, a.atttypmod)
    from pg_attribute a where a.attrelid = to_regclass(:view) and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
MADE = {
    "uuid": "gen_random_uuid()",
    "text": "'value ' || n % 1000",
    "integer": "n % 100",
    "bigint": "n",
    "boolean": "n % 3 = 0",
    "date": "date '2026-01-01' + (n % 300)::integer",
    "timestamp with time zone": "timestamptz '2026-01-01' + make_interval(mins => (n % 400000)::integer)",
    "text[]": "array['race', 'religion']",
}
FIRST_OF_LIST = re.compile(r"(?<=in \()'[^']*'")
OF_FORCE = "'E23' || lpad((1 + n % 39)::text, 6, '0')"


def run(incidents: int = COUNT_INCIDENTS) -> bool:
    """Build an empty warehouse, put generated rows in the place of the candidates that grow, publish, and measure."""
    with own_hub() as hub:
        build_warehouse(hub.settings)
        transformer = open_warehouse(hub.settings, Role.TRANSFORMER)
        models = read_published_models(hub.settings.dbt_project)
        for view, share in GROWN.items():
            _grow(transformer, view, models[view].checks, int(incidents * share))
        began = time.monotonic()
        result = publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER))
        seconds = time.monotonic() - began
    rows = sum(result.row_counts[view] for view in GROWN)
    return print_lines(
        [
            Line(
                f"publish of {result.row_counts['incidents_v1']:,} incidents ({rows:,} rows)",
                seconds,
                "s",
                ratio=seconds,
                limit=LIMIT_SECONDS,
                of="s",
            )
        ]
    )


def _grow(engine: sa.Engine, view: str, checks: Mapping[str, str], count: int) -> None:
    """Put a table of generated rows in the place of a candidate, with its columns and comments; none breaks a check."""
    with engine.begin() as connection:
        columns: Sequence[Any] = connection.execute(sa.text(COLUMNS), {"view": f"{CANDIDATE}.{view}"}).all()
        values = ((name, kind, _listed(checks.get(name)) or _value(name, kind)) for name, kind in columns)
        made = ", ".join(f"cast({value} as {kind}) as {name}" for name, kind, value in values)
        connection.exec_driver_sql(f"drop view {CANDIDATE}.{view}")
        query = f"select {made} from generate_series(1, {count}) as n"  # noqa: S608  # names of our own columns
        connection.execute(sa.text(f"create table {CANDIDATE}.{view} as {query}"))
        connection.exec_driver_sql(f"comment on table {CANDIDATE}.{view} is 'One row per generated row.'")
        for name, _ in columns:
            connection.exec_driver_sql(f"comment on column {CANDIDATE}.{view}.{name} is 'Generated.'")


def _listed(check: str | None) -> str | None:
    """The first value of a check's list, as SQL."""
    found = FIRST_OF_LIST.search(check or "")
    return found and found.group()


def _value(name: str, kind: str) -> str:
    if name in ("force_code", "target_code"):
        return OF_FORCE
    return MADE.get(kind, "n % 100" if kind.startswith(("numeric", "double")) else "null")

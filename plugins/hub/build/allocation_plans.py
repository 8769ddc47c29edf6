"""Allocation plans: what other rules would plan for the incidents in the warehouse."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

RULES_TABLE = "allocation_rules"
DRAFT = "draft_allocation_rules"


@dataclass(frozen=True)
class Move:
    """An incident and duty that would go to another target, or by another route. A side is None where there is none."""

    incident_id: uuid.UUID
    duty: str
    rule_before: str | None
    kind_before: str | None
    target_before: str | None
    route_before: str | None
    rule_after: str | None
    kind_after: str | None
    target_after: str | None
    route_after: str | None


def compare(engine: sa.Engine, query: str, rules: Sequence[Mapping[str, str | None]]) -> tuple[int, int, list[Move]]:
    """Run ``query`` (which reads the table of rules) over ``rules`` instead, and set it against the standing plan.

    Returns how many allocations are planned now, how many incidents would have no owner, and the moves. Everything it
    makes is temporary and gone when it returns.
    """
    with engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("create temporary table draft_allocation_rules (like reference.allocation_rules)")
        connection.execute(
            sa.text("""
                insert into draft_allocation_rules
                select * from json_populate_recordset(cast(null as draft_allocation_rules), cast(:rules as json))
            """),
            {"rules": json.dumps(list(rules))},
        )
        connection.exec_driver_sql(f"create temporary table draft_plan as {_over_draft(connection, query)}")
        count_planned: int = connection.exec_driver_sql(
            "select count(*) from intermediate.int_allocation_plan"
        ).scalar_one()
        count_unowned: int = connection.exec_driver_sql("""
            select count(*) from intermediate.int_allocation_cases cases
            where not exists (
                select from draft_plan plan where plan.incident_id = cases.incident_id and plan.duty = 'owner'
            )
        """).scalar_one()
        moves = [Move(**row) for row in connection.execute(sa.text(MOVES)).mappings()]
        transaction.rollback()
    return count_planned, count_unowned, moves


MOVES = """
    select coalesce(before.incident_id, after.incident_id) as incident_id, coalesce(before.duty, after.duty) as duty,
           before.rule_id as rule_before, before.target_kind as kind_before, before.target_code as target_before,
           before.route as route_before,
           after.rule_id as rule_after, after.target_kind as kind_after, after.target_code as target_after,
           after.route as route_after
    from intermediate.int_allocation_plan before
    full join draft_plan after using (incident_id, duty)
    where (before.target_kind, before.target_code, before.route)
          is distinct from (after.target_kind, after.target_code, after.route)
    order by 1, 2
"""


def _over_draft(connection: sa.Connection, query: str) -> str:
    database: Any = connection.engine.url.database
    standing = f'"{database}"."reference"."{RULES_TABLE}"'
    if standing not in query:
        raise LookupError(f"the query does not read {standing}")
    return query.replace(standing, DRAFT)

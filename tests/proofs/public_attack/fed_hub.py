"""A hub whose public tables are counted from made-up cases, published month after month."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from hub.disclosure.disclose import disclose
from hub.publish import publish, switch_back
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.issues import let_a_month_pass
from proofs.public_attack.cases import World
from proofs.public_attack.seen import Cell, Figure, Seen, Statement

CELL = """measure_code, area_code, part_code, period_code"""
FIGURES = """
    select measure_code, area_code, case measure_code when 'criminal_incidents' then strand_code else outcome_group end
        as part_code, period_code, mark, value, publish_id
    from publish.public_statistics_v1
"""
STATEMENTS = f"select {CELL}, mark, value, stated_in_publish, stated_at from publish.public_revisions_v1"


@dataclass
class FedHub:
    """``seen``: every publish as the shared role saw it."""

    settings: Settings
    world: World
    seen: list[Seen] = field(default_factory=list)
    counts: dict[int, dict[Cell, int]] = field(default_factory=dict)
    """Of the first publish of each month: what its issue is made of."""
    issue: int = 0
    """Month of the latest one."""

    def publish_month(self, month: int, *, is_first: bool = True) -> None:
        """Count what is known in a month, and publish it; a month lies between it and the publish before."""
        engine = open_warehouse(self.settings, Role.OWNER)
        if is_first:
            let_a_month_pass(engine)
        counts = self.world.count(month)
        with engine.begin() as connection:
            # What the build counted for protected figures is of other cases, which these are no part of.
            connection.execute(sa.text("delete from marts.agg_protected_counts"))
            connection.execute(sa.text("delete from marts.agg_public_counts"))
            rows = [self._row(cell, count) for cell, count in counts.items()]
            columns, values = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
            connection.execute(sa.text(f"insert into marts.agg_public_counts ({columns}) values ({values})"), rows)
            # The same code makes the same build, and a build that was published is not published again.
            connection.execute(sa.text("update ledger.builds set code_sha256 = :code"), {"code": uuid.uuid4().hex})
        disclose(engine)
        publish(self.settings, open_warehouse(self.settings, Role.PUBLISHER), accept_shrinking=True)
        if is_first:
            self.issue = month
            self.counts[month] = {cell: count for cell, count in counts.items() if count is not None}
        self._look()

    def switch_back(self) -> None:
        """Let readers see the publish before again."""
        publisher = open_warehouse(self.settings, Role.PUBLISHER)
        switch_back(self.settings, publisher, None, decided_by="test", because="wrong figures")
        self._look()

    def _look(self) -> None:
        with open_warehouse(self.settings, Role.BI).connect() as reader:
            figures = reader.execute(sa.text(FIGURES)).all()
            statements = reader.execute(sa.text(STATEMENTS)).all()
        publish_id = int(figures[0].publish_id)
        month = next((one.month for one in self.seen if one.publish == publish_id), self.issue)
        self.seen.append(
            Seen(
                publish_id,
                month,
                {Cell(*row[:4]): Figure(row.mark, row.value) for row in figures},
                frozenset(
                    Statement(Cell(*row[:4]), Figure(row.mark, row.value), row.stated_in_publish, row.stated_at)
                    for row in statements
                ),
                self.counts[month],
            )
        )

    def issues(self) -> list[Seen]:
        """What was seen of each issue first."""
        first: dict[int, Seen] = {}
        for one in self.seen:
            first.setdefault(one.month, one)
        return list(first.values())

    def _row(self, cell: Cell, count: int | None) -> Mapping[str, object]:
        within, is_quarter = self.world.geography.within, cell.period != cell.year
        months = [month for month in range(60) if self.world.months.quarter(month).startswith(cell.period)]
        return {
            "measure_code": cell.measure,
            "area_kind": "force" if cell.area in self.world.forces else "region" if cell.area in within else "all",
            "area_code": cell.area,
            "parent_area_code": within.get(cell.area),
            "part_code": cell.part,
            "period_kind": "quarter" if is_quarter else "year",
            "period_start": self.world.months.first_day(months[0]),
            "period_code": cell.period,
            "parent_period_code": cell.year if is_quarter else None,
            "period_end": self.world.months.first_day(months[-1] + 1),
            "is_collected": count is not None,
            "count_incidents": count,
            "count_forces_reported": 1,
            "count_forces": 1,
        }

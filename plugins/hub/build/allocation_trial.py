"""Try a draft of the allocation rules on past incidents, before anybody adopts it.

The draft goes through the very query that builds ``int_allocation_plan``: there is no second implementation of the
rules that could say something else than the next build would do.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from hub.build import allocation_plans, compiled_sql
from hub.build.allocation_plans import Move
from hub.settings import Settings

PLAN = "int_allocation_plan"
RULES = "allocation_rules"
CODES = ("duty", "target_kind", "owner_rule", "sla_clock")
"""Columns whose codes the query itself knows: a draft cannot bring new ones."""


class RulesRefused(ValueError):
    """The draft is no set of allocation rules; the message says what is wrong with it."""


@dataclass(frozen=True)
class Trial:
    """What a draft would change. ``moves`` has one entry an incident and duty whose target or route would be another;
    ``count_unowned`` incidents would have nobody responsible."""

    count_planned: int
    count_unowned: int
    moves: tuple[Move, ...]

    def by_move(self) -> Counter[tuple[str, str, str]]:
        """How many moves there are of each kind: duty, from, to. A side is written ``target by route``."""
        return Counter(
            (move.duty, _side(move.kind_before, move.route_before), _side(move.kind_after, move.route_after))
            for move in self.moves
        )


def _side(kind: str | None, route: str | None) -> str:
    return f"{kind} by {route}" if kind else "nobody"


def try_rules(settings: Settings, engine: sa.Engine, path: Path) -> Trial:
    """Allocate all incidents of the last build by the rules of the CSV file at ``path`` (columns as in the seed
    ``allocation_rules``). Writes nothing to the warehouse.

    Raises :class:`RulesRefused`, and :class:`~hub.build.BuildFailed` when the dbt project cannot be read.
    """
    rules = read_rules(path, settings.dbt_project / "seeds" / f"{RULES}.csv")
    query = compiled_sql(settings, PLAN)
    try:
        count_planned, count_unowned, moves = allocation_plans.compare(engine, query, rules)
    except sa.exc.DataError as error:
        raise RulesRefused(f"{path.name}: a value does not fit its column ({error.orig.__class__.__name__})") from error
    return Trial(count_planned, count_unowned, tuple(moves))


def read_rules(path: Path, seed: Path) -> Sequence[Mapping[str, str | None]]:
    """The draft's rows, empty cells as None; its columns and codes must be those of the seed that is in force."""
    columns, in_force = _read(seed)
    draft_columns, rows = _read(path)
    if sorted(draft_columns) != sorted(columns):
        differing = sorted(set(draft_columns) ^ set(columns)) or ["one is there twice"]
        raise RulesRefused(f"{path.name}: its columns are not those of {seed.name}: {', '.join(differing)}")
    for column in CODES:
        known = {row[column] for row in in_force}
        for number, row in enumerate(rows, start=1):
            if row[column] not in known:
                raise RulesRefused(f"{path.name}: rule {number} has a {column} that no rule in force has")
    return rows


def _read(path: Path) -> tuple[list[str], list[dict[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = list(reader.fieldnames or ())
            rows = list(reader)
    except FileNotFoundError as error:
        raise RulesRefused(f"there is no file {path}; dbt_project/seeds/{RULES}.csv is one to begin with") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RulesRefused(f"{path.name} cannot be read: {error}") from error
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise RulesRefused(f"{path.name}: rule {number} has more or fewer cells than the {len(columns)} columns")
    return columns, [{column: row[column] or None for column in columns} for row in rows]

"""Versions of a record that come in several files: which is the latest does not depend on which file came first."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_files

MONTHS = ("2026-09", "2026-10", "2026-11")
ORDERS = list(itertools.permutations(MONTHS))
HEADER = "crime_reference,force_code,recorded_at,offence_code,strands,outcome_code,outcome_on,changed_at"
ISSUES = {
    "2026-09": """
01/0001/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,0,,
01/0002/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,0,,
01/0003/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,0,,
""",
    "2026-10": """
01/0001/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,16,2026-10-05,
01/0002/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,16,2026-10-05,
01/0003/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,16,2026-10-05,
""",
    "2026-11": """
01/0001/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,0,2026-11-02,
01/0002/26,BTP,2026-09-14T16:40:00+01:00,8M,religion,0,,2026-10-05T15:00:00+01:00
01/0003/26,BTP,2026-09-14T16:40:00+01:00,8M,religion|race,16,2026-10-05,2026-11-02T09:00:00+00:00
""",
}
"""A crime whose outcome is taken back on a later day, one whose outcome is taken back on its own day, and one that is
found to have two strands."""


@pytest.mark.usefixtures("without_data_tests")
@pytest.mark.parametrize("order", [ORDERS[-1], *(pytest.param(order, marks=pytest.mark.long) for order in ORDERS[:-1])])
def test_what_a_force_took_back_is_gone_in_whatever_order_its_months_come(
    copy_built: Callable[[], Settings], catalogue: Catalogue, tmp_path: Path, order: Sequence[str]
) -> None:
    settings = copy_built()
    columns = [column.name for column in catalogue.contracts["police_hate_crimes"].columns]
    given = HEADER.split(",")
    for month in order:
        path = tmp_path / f"police_hate_crimes_BTP_{month}.csv"
        rows = [dict(zip(given, line.split(","), strict=True)) for line in ISSUES[month].split()]
        lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        put_files(settings, catalogue.contracts["police_hate_crimes"], [path])
    build_warehouse(settings, select="+stg_police_hate_crimes")
    latest = fetch(
        open_warehouse(settings, Role.OWNER),
        """select crime_reference, outcome_code, strands from staging.stg_police_hate_crimes
           where crime_reference ~ '^01/000[123]/26$' order by crime_reference""",
    )
    assert latest == [
        ("01/0001/26", "0", ["religion"]),
        ("01/0002/26", "0", ["religion"]),
        ("01/0003/26", "16", ["race", "religion"]),
    ]

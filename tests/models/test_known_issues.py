"""Views show the known issues of a feed beside the figures that are counted from it."""

import csv

from hub.contracts.model import Catalogue
from hub.settings import read_settings

SEEDS = read_settings({}).dbt_project / "seeds"
VIEWS = SEEDS.parent / "models" / "publish"


def rows_of(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_measure_and_no_other_says_which_feeds_it_is_counted_from() -> None:
    named = {row["figure"] for row in rows_of("figures_by_feed") if row["view_name"] == "measures_v1"}
    assert named == {row["measure_code"] for row in rows_of("measures")}


def test_figures_name_feeds_that_there_are_and_views_that_show_known_issues(
    catalogue: Catalogue,
) -> None:
    rows = rows_of("figures_by_feed")
    assert {row["feed"] for row in rows} <= set(catalogue.contracts)
    for view in {row["view_name"] for row in rows}:
        assert f"known_issue_ids(\n        '{view}'" in (text := (VIEWS / f"{view}.sql").read_text()) or (
            f"known_issue_ids('{view}'" in text
        )

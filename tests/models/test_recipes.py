"""The recipes of the documents: each runs as the analyst on what is published, and says what the views say."""

import re
import runpy
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

FOLDER = Path(__file__).parents[2] / "docs" / "recipes"
RECIPES = sorted(path.stem for path in FOLDER.glob("*.sql"))
WITHOUT_ROWS = {"next_areas_and_why"}
"""What the samples are too few for."""


@pytest.fixture
def analyst(published_once: Settings) -> sa.Engine:
    return open_warehouse(published_once, Role.ANALYST)


def rows_of(analyst: sa.Engine, recipe: str) -> Sequence[sa.RowMapping]:
    with analyst.connect() as connection:
        return connection.execute(sa.text((FOLDER / f"{recipe}.sql").read_text())).mappings().all()


def test_every_recipe_runs_as_the_analyst_and_counts_what_the_views_count(analyst: sa.Engine) -> None:
    found = {recipe: rows_of(analyst, recipe) for recipe in RECIPES}
    assert {recipe for recipe, rows in found.items() if not rows} == WITHOUT_ROWS
    assert len({row["success_measure"] for row in found["five_measures_of_success"]}) == 5
    with analyst.connect() as connection:
        allocations, overdue, journeys, capacity = connection.execute(
            sa.text(
                """select (select count(*) from publish.allocations_v1),
                          (select count(*) from publish.overdue_allocations_v1),
                          (select count(*) from publish.victim_journeys_v1 where is_victim_known),
                          (select count(*) from publish.hub_capacity_v1)"""
            )
        ).one()
    assert sum(row["count_allocations"] for row in found["referred_to_other_forces"]) == allocations
    assert len(found["waiting_for_an_answer"]) == overdue
    assert sum(row["count_journeys"] for row in found["support_of_victims"]) == journeys
    assert sum(row["count_working_days"] for row in found["overflow"]) == capacity


def test_the_notebook_answers_every_recipe_as_the_analyst(
    published_once: Settings, analyst: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"HUB_HOME": published_once.home, "HUB_WAREHOUSE_URL": published_once.warehouse_url}.items():
        monkeypatch.setenv(name, str(value))
    found = runpy.run_path(str(FOLDER / "notebook.py"), run_name="notebook")
    _, defined = found["app"].run()
    assert (defined["warehouse"].url.username, len(defined["answers"])) == (Role.ANALYST.value, len(RECIPES))
    statements = {(FOLDER / f"{recipe}.sql").read_text(): recipe for recipe in RECIPES}
    for question, answer in defined["answers"].items():
        statement = (FOLDER / f"{statements[defined['recipes'][question]]}.sql").read_text()
        pd.testing.assert_frame_equal(answer, pd.read_sql(sa.text(statement), analyst))
    assert defined["state"]["count_rows_simulated"].notna().all()


def test_the_page_of_recipes_names_each_once() -> None:
    named = re.findall(r"\]\((\w+)\.sql\)", (FOLDER / "README.md").read_text())
    assert sorted(named) == RECIPES

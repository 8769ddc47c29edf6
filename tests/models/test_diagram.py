"""The page about the warehouse: its entity diagram is what the manifest says, and its statements run."""

import re

from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built
from models.diagram import entity_diagram
from models.rows import fetch

PAGE = read_settings({}).project / "docs" / "warehouse.md"


def test_the_entity_diagram_is_what_the_relationships_tests_say(built: Built) -> None:
    [drawn] = re.findall(r"```mermaid\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
    assert drawn == entity_diagram(built.manifest), "put what the right side says into docs/warehouse.md"


def test_every_entity_of_the_diagram_is_explained_by_a_grain(built: Built) -> None:
    entities = set(re.findall(r"\b(?:fct|dim|bridge)_\w+", entity_diagram(built.manifest)))
    assert entities
    for name in entities:
        assert built.manifest["nodes"][f"model.hub.{name}"]["description"].startswith("One row per")


def test_every_statement_of_the_page_runs_as_the_auditor(built: Built) -> None:
    statements = re.findall(r"```sql\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
    auditor = open_warehouse(built.settings, Role.AUDITOR)
    of_a_past_day, unmatched, crimes = (fetch(auditor, one) for one in statements)
    assert of_a_past_day == []
    assert unmatched
    assert crimes

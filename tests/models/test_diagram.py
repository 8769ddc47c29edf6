"""The entity diagram in the documentation is what the manifest says."""

import re

from hub.settings import read_settings
from models.conftest import Built
from models.diagram import entity_diagram

PAGE = read_settings({}).project / "docs" / "warehouse.md"


def test_the_entity_diagram_is_what_the_relationships_tests_say(built: Built) -> None:
    [drawn] = re.findall(r"```mermaid\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
    assert drawn == entity_diagram(built.manifest), "put what the right side says into docs/warehouse.md"


def test_every_entity_of_the_diagram_is_explained_by_a_grain(built: Built) -> None:
    entities = set(re.findall(r"\b(?:fct|dim|bridge)_\w+", entity_diagram(built.manifest)))
    assert entities
    for name in entities:
        assert built.manifest["nodes"][f"model.hub.{name}"]["description"].startswith("One row per")

"""Which tables and views each job reads and writes, from dbt's manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.data_catalogue.ways import MADE_FROM, PUBLISHED


class Relation(NamedTuple):
    """A table or view."""

    schema: str
    name: str


@dataclass(frozen=True)
class Relations:
    """What each relation is made of (of dbt's models, and of what the hub decides itself), which of them dbt is given,
    and which it makes to be published."""

    made_of: Mapping[Relation, frozenset[Relation]] = field(default_factory=dict)
    given: frozenset[Relation] = frozenset()
    published: frozenset[Relation] = frozenset()

    def of_schema(self, schema: str) -> Mapping[Relation, frozenset[Relation]]:
        """Those of one schema."""
        return {one: made_of for one, made_of in self.made_of.items() if one.schema == schema}


def read_relations(manifest: Mapping[str, Any]) -> Relations:
    """Read them from dbt's manifest, in dbt's published form."""
    kinds = ("model", "seed", "source")
    nodes = {**manifest["nodes"], **manifest["sources"]}
    nodes = {unique_id: node for unique_id, node in nodes.items() if node["resource_type"] in kinds}
    places = {one: Relation(node["schema"], node.get("identifier") or node["alias"]) for one, node in nodes.items()}
    models = {node["name"]: places[one] for one, node in nodes.items() if node["resource_type"] == "model"}
    made_of, given = {}, set()
    for one, node in nodes.items():
        if node["resource_type"] == "model":
            made_of[places[one]] = frozenset(places[other] for other in node["depends_on"]["nodes"] if other in places)
        elif made_from := (node["config"].get("meta") or {}).get(MADE_FROM):
            made_of[places[one]] = frozenset(models[name] for name in made_from)
        else:
            given.add(places[one])
    published = {models[node["name"]] for node in nodes.values() if node["fqn"][1] == PUBLISHED}
    return Relations(made_of, frozenset(given), frozenset(published))

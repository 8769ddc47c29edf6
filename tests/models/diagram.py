"""The entity diagram of the marts, made from dbt's manifest: what the relationships tests say, and nothing else."""

from collections.abc import Iterator
from typing import Any


def entity_diagram(manifest: dict[str, Any]) -> str:
    """Mermaid text: one line a column of a mart that leads to another mart, in the order of their names."""
    return "\n".join(["erDiagram", *sorted(set(_lines(manifest)))])


def _lines(manifest: dict[str, Any]) -> Iterator[str]:
    nodes = manifest["nodes"]
    marts = {name for name, node in nodes.items() if node["resource_type"] == "model" and node["schema"] == "marts"}
    for test in nodes.values():
        if test["resource_type"] != "test" or (test.get("test_metadata") or {}).get("name") != "relationships":
            continue
        child = test["attached_node"]
        parents = [name for name in test["depends_on"]["nodes"] if name != child] or [child]
        if child in marts and parents[0] in marts:
            yield f"    {_short(parents[0])} ||--o{{ {_short(child)} : {test['column_name']}"


def _short(unique_id: str) -> str:
    return unique_id.rpartition(".")[2]

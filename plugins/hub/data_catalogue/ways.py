"""The way of each published column back to columns of delivered files: through models, linkage, disclosure control and
forecasts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlglot.schema import MappingSchema

from hub.contracts.model import Contract
from hub.data_catalogue.column_origins import DIALECT, Column, origins

RAW = "raw"
PUBLISHED = "publish"
"""The folder of the models that are published."""
MADE_FROM = "made_from"
"""What a source says in its ``meta`` where the hub makes it: the models that it reads for that. ``reads_vault`` is
beside it where it reads personal values, too."""
OF_A_DELIVERY = ("_delivery_id", "_row_number", "_loaded_at", "_record_hash")


class OriginKind(StrEnum):
    """Where a way ends."""

    FILE = "file"
    CODE_LIST = "code list"
    HUB = "the hub's own record"


@dataclass(frozen=True, order=True)
class Origin:
    """A column at the end of a way: of a feed's files, of a code list, or of a table that the hub keeps itself."""

    kind: OriginKind
    relation: str
    column: str


@dataclass(frozen=True)
class PublishedColumn:
    """A column of a published view, what it means, and where it comes from. Where the hub itself decides on the way,
    as linkage does, ``steps`` names the tables that hold what it decided, and ``origins`` has the other ways."""

    name: str
    type: str
    description: str
    origins: tuple[Origin, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A table in which the hub keeps what it decided (linkage, disclosure control, forecasts), and all that it decided
    it from: columns, personal ones among them, and earlier ``steps``."""

    name: str
    description: str
    origins: tuple[Origin, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class PublishedView:
    """A published view, its columns in their order."""

    name: str
    description: str
    columns: tuple[PublishedColumn, ...]


@dataclass
class _Found:
    origins: set[Origin] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)


class Ways:
    """Follows columns through a warehouse as dbt's ``manifest`` and ``catalog`` describe it."""

    def __init__(self, manifest: Mapping[str, Any], catalog: Mapping[str, Any], contracts: Iterable[Contract]) -> None:
        self._contracts = {contract.feed: contract for contract in contracts}
        self._types: dict[str, dict[str, dict[str, str]]] = {}
        self._nodes: dict[tuple[str, str], Mapping[str, Any]] = {}
        known = {**catalog["nodes"], **catalog["sources"]}
        for unique_id, node in {**manifest["nodes"], **manifest["sources"]}.items():
            if unique_id in known:
                place = (node["schema"], node.get("identifier") or node["alias"])
                types = {name: str(column["type"]) for name, column in known[unique_id]["columns"].items()}
                self._types.setdefault(place[0], {})[place[1]] = types
                self._nodes[place] = node
        relations: dict[str, object] = {**self._types}
        self._schema = MappingSchema(relations, dialect=DIALECT)
        self._by_name = {node["name"]: place for place, node in self._nodes.items() if _is_model(node)}
        self._direct: dict[tuple[str, str], Mapping[str, frozenset[Column]]] = {}

    def views(self) -> tuple[PublishedView, ...]:
        """Every published view, by name."""
        found = [place for place, node in self._nodes.items() if _is_model(node) and node["fqn"][1] == PUBLISHED]
        return tuple(self._view(place) for place in sorted(found, key=lambda place: place[1]))

    def steps(self) -> tuple[Step, ...]:
        """Every table of what the hub decided, by name."""
        return tuple(self._step(place) for place in sorted(self._nodes) if MADE_FROM in _meta(self._nodes[place]))

    def _view(self, place: tuple[str, str]) -> PublishedView:
        node, columns = self._nodes[place], []
        for name, kind in self._types[place[0]][place[1]].items():
            found = self._follow([Column(*place, name)])
            means = node["columns"][name]["description"]
            columns.append(PublishedColumn(name, kind, means, tuple(sorted(found.origins)), tuple(sorted(found.steps))))
        return PublishedView(node["name"], node["description"], tuple(columns))

    def _step(self, place: tuple[str, str]) -> Step:
        node = self._nodes[place]
        reads = [self._by_name[name] for name in _meta(node)[MADE_FROM]]
        found = self._follow(Column(*one, name) for one in reads for name in self._types[one[0]][one[1]])
        if _meta(node).get("reads_vault"):
            of_feeds = self._contracts.values()
            personal = ((contract.feed, one.name) for contract in of_feeds for one in contract.personal_columns)
            found.origins.update(Origin(OriginKind.FILE, feed, name) for feed, name in personal)
        name = ".".join(place)
        return Step(name, node["description"], tuple(sorted(found.origins)), tuple(sorted(found.steps - {name})))

    def _follow(self, columns: Iterable[Column]) -> _Found:
        found, ahead = _Found(), list(columns)
        seen = set(ahead)
        while ahead:
            more = self._made_of(ahead.pop(), found) - seen
            seen |= more
            ahead += more
        return found

    def _made_of(self, column: Column, found: _Found) -> frozenset[Column]:
        """The columns that one of a model is made of. Of any other, where the way ends is noted."""
        place, table = (column.schema, column.relation), f"{column.schema}.{column.relation}"
        node = self._nodes.get(place)
        if node is not None and _is_model(node):
            return self._of_model(place)[column.name]
        if node is not None and MADE_FROM in _meta(node):
            found.steps.add(table)
        elif node is not None and node["resource_type"] == "seed":
            found.origins.add(Origin(OriginKind.CODE_LIST, column.relation, column.name))
        elif column.schema == RAW and column.name not in OF_A_DELIVERY:
            names = {one.raw_name: one.name for one in self._contracts[column.relation].columns}
            found.origins.add(Origin(OriginKind.FILE, column.relation, names[column.name]))
        else:
            found.origins.add(Origin(OriginKind.HUB, table, column.name))
        return frozenset()

    def _of_model(self, place: tuple[str, str]) -> Mapping[str, frozenset[Column]]:
        if place not in self._direct:
            self._direct[place] = origins(self._nodes[place]["compiled_code"], self._schema)
        return self._direct[place]


def _is_model(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "model")


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = node["config"].get("meta") or {}
    return meta

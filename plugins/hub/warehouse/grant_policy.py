"""``grants.yaml`` as values: which roles there are, and what each may do."""

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).with_name("grants.yaml")
ALL_OTHERS = "*"
ALL_ROWS = "all"
PUBLISHED = "publish"
BOUND_SETTINGS = (
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_timeout",
    "temp_file_limit",
    "log_min_messages",
)

Rights = Mapping[str, frozenset[str]]
"""What a relation lets roles do: role → privileges (``select``, ``insert``, ``update``, ``delete``)."""


@dataclass(frozen=True)
class Bounds:
    """What a role may take of the server: connections at once, and settings of each of its sessions."""

    connections: int
    settings: Mapping[str, str]


@dataclass(frozen=True)
class RolePolicy:
    """A role: what it is for, which bounds it has, whose rights it has, and whom it may act as."""

    means: str
    bounds: str
    inherits: tuple[str, ...] = ()
    acts_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class SchemaPolicy:
    """A schema: to whom it belongs with all in it, who may do what with each relation, and call which function."""

    owner: str
    tables: Mapping[str, Rights]
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rights(self, relation: str) -> Rights:
        """Who may do what with a relation; nobody anything where neither it nor all others are named."""
        return self.tables.get(relation, self.tables.get(ALL_OTHERS, {}))

    @property
    def users(self) -> frozenset[str]:
        """Everybody who may do something with one of its relations or functions."""
        return frozenset(role for names in (*self.tables.values(), *self.functions.values()) for role in names)


@dataclass(frozen=True)
class WithheldColumns:
    """Columns of one of PostgreSQL's own tables that only ``readers`` read; everybody reads the others."""

    columns: tuple[str, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """The whole file. ``published``: view → role → the column that must hold the role's own code; None: all rows.
    ``server_functions``: pattern of the names of PostgreSQL's own functions → who may call them. ``server_columns``:
    PostgreSQL's own table → which of its columns not everybody reads."""

    roles: Mapping[str, RolePolicy]
    bounds: Mapping[str, Bounds]
    server_functions: Mapping[str, tuple[str, ...]]
    server_columns: Mapping[str, WithheldColumns]
    database: Mapping[str, tuple[str, ...]]
    schemas: Mapping[str, SchemaPolicy]
    published: Mapping[str, Mapping[str, str | None]]

    def with_inherited(self, role: str) -> frozenset[str]:
        """A role and all whose rights it has."""
        inherited = self.roles[role].inherits
        return frozenset({role}).union(*(self.with_inherited(other) for other in inherited))


def policy_hash(path: Path = PATH) -> str:
    """Over the file: other rights are something new to publish."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def read_policy(path: Path = PATH) -> Policy:
    """The policy of this version of the hub. Raises ValueError or TypeError for a key that nothing reads or a role that
    is not declared."""
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    roles = {name: RolePolicy(**_tuples(one)) for name, one in document["roles"].items()}
    published = {
        view: {role: None if rows == ALL_ROWS else str(rows) for role, rows in readers.items()}
        for view, readers in document["published"].items()
    }
    schemas = {name: _schema(name, dict(one)) for name, one in document["schemas"].items()}
    schemas[PUBLISHED] = dataclasses.replace(
        schemas[PUBLISHED],
        tables={view: dict.fromkeys(readers, frozenset({"select"})) for view, readers in published.items()},
    )
    database = {right: tuple(names) for right, names in document["database"].items()}
    bounds = {name: _bounds(name, dict(one)) for name, one in document["bounds"].items()}
    if unknown := sorted({one.bounds for one in roles.values()} - bounds.keys()):
        raise ValueError(f"{path.name} has no bounds {', '.join(unknown)}")
    server_functions = {pattern: tuple(names) for pattern, names in document["server_functions"].items()}
    server_columns = {table: WithheldColumns(**_tuples(one)) for table, one in document["server_columns"].items()}
    named = {role for schema in schemas.values() for role in (schema.owner, *schema.users)}
    named |= {role for readers in published.values() for role in readers}
    named |= {role for names in (*database.values(), *server_functions.values()) for role in names}
    named |= {role for one in server_columns.values() for role in one.readers}
    named |= {other for one in roles.values() for other in (*one.inherits, *one.acts_as)}
    if unknown := sorted(named - roles.keys()):
        raise ValueError(f"{path.name} names {', '.join(unknown)}, which is no role of it")
    if unread := sorted(document.keys() - {one.name for one in dataclasses.fields(Policy)}):
        raise ValueError(f"{path.name}: nothing reads {', '.join(unread)}")
    return Policy(roles, bounds, server_functions, server_columns, database, schemas, published)


def _tuples(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()}


def _bounds(name: str, document: dict[str, Any]) -> Bounds:
    if document.keys() != {"connections", *BOUND_SETTINGS}:
        raise ValueError(f"bounds {name} are connections, {', '.join(BOUND_SETTINGS)}, and nothing else")
    return Bounds(int(document["connections"]), {setting: str(document[setting]) for setting in BOUND_SETTINGS})


def _schema(name: str, document: dict[str, Any]) -> SchemaPolicy:
    tables = {
        relation: {role: frozenset(rights) for role, rights in by_role.items()}
        for relation, by_role in document.pop("tables").items()
    }
    owner, is_rebuilt = document.pop("owner"), document.pop("rebuilt", False)
    functions = {function: tuple(names) for function, names in document.pop("functions", {}).items()}
    if document:
        raise ValueError(f"schema {name}: nothing reads {', '.join(document)}")
    if is_rebuilt and set(tables) != {ALL_OTHERS}:
        raise ValueError(f"schema {name} is rebuilt: only {ALL_OTHERS!r} can be granted there")
    return SchemaPolicy(owner, tables, functions)

"""What the contracts of published views say of their rows: the key, which columns are always filled and which hold a
value of a list, and what readers ask them for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class PublishedModel:
    """One published view.

    ``key``: columns that no two rows have alike (empty where rows have none). ``filled``: columns without nulls.
    ``checks``: by column an SQL condition that no row may break. ``indexes``: lists of columns, for its typical
    question. ``may_shrink``: its rows are those of the moment, and few or none are as right as many. ``is_public``: it
    is for everybody.
    """

    key: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()
    may_shrink: bool = False
    is_public: bool = False


def read_published_models(dbt_project: Path) -> dict[str, PublishedModel]:
    """All published views by name, as the YAML beside their models in ``models/publish`` describes them."""
    folder = dbt_project / "models" / "publish"
    found = {path.stem: PublishedModel() for path in folder.glob("*.sql")}
    for path in folder.glob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            found[model["name"]] = _published_model(model)
    return found


def _published_model(model: Mapping[str, Any]) -> PublishedModel:
    meta = model.get("config", {}).get("meta", {})
    keys = [one["columns"] for one in model.get("constraints", ()) if one["type"] in ("primary_key", "unique")]
    of_columns = [
        (column["name"], constraint)
        for column in model.get("columns", ())
        for constraint in column.get("constraints", ())
    ]
    return PublishedModel(
        key=tuple(keys[0]) if keys else (),
        filled=tuple(column for column, one in of_columns if one["type"] == "not_null"),
        checks={column: one["expression"] for column, one in of_columns if one["type"] == "check"},
        indexes=tuple(tuple(columns) for columns in meta.get("indexes", ())),
        may_shrink=bool(meta.get("may_shrink", False)),
        is_public=meta.get("audience") == "public",
    )

"""What the models of published views say of their rows, beside their columns: the key, which columns are always filled
and which hold a value of a list, and what readers ask them for.
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
    ``values``: by column the values it may hold, besides null. ``indexes``: lists of columns, for its typical question.
    ``may_shrink``: its rows are those of the moment, and few or none are as right as many. ``is_public``: it is for
    everybody.
    """

    key: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()
    may_shrink: bool = False
    is_public: bool = False


def read_published_models(dbt_project: Path) -> dict[str, PublishedModel]:
    """All published views by name, as the YAML beside their models in ``models/publish`` tells of them."""
    folder = dbt_project / "models" / "publish"
    found = {path.stem: PublishedModel() for path in folder.glob("*.sql")}
    for path in folder.glob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            found[model["name"]] = _as_told(model)
    return found


def _as_told(model: Mapping[str, Any]) -> PublishedModel:
    meta = model.get("config", {}).get("meta", {})
    tests = [test["row_rules"]["arguments"] for test in model.get("data_tests", ()) if "row_rules" in test]
    rules = tests[0] if tests else {}
    constrained = [
        column["name"]
        for column in model.get("columns", ())
        if any(constraint["type"] == "not_null" for constraint in column.get("constraints", ()))
    ]
    return PublishedModel(
        key=tuple(rules.get("key", ())),
        filled=tuple(dict.fromkeys((*constrained, *rules.get("filled", ())))),
        values={column: tuple(map(str, listed)) for column, listed in rules.get("values", {}).items()},
        indexes=tuple(tuple(columns) for columns in meta.get("indexes", ())),
        may_shrink=bool(meta.get("may_shrink", False)),
        is_public=meta.get("audience") == "public",
    )

"""The files of the dashboards, as Superset imports them, and what they name of the warehouse."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from sqlalchemy.engine import make_url
from sqlglot import exp

from hub.settings import read_settings

PROJECT = read_settings({}).project
FOLDER = PROJECT / "dashboards" / "assets"
VIEWS = PROJECT / "dbt_project" / "models" / "publish"
STAMPS = {"publish_id": "bigint", "data_as_of": "timestamptz", "published_at": "timestamptz"}
"""Every published view has them besides what its contract names."""

Asset = dict[str, Any]


def read_assets(kind: str) -> dict[str, Asset]:
    """``{name of the file: what it says}`` of ``databases``, ``datasets``, ``charts`` or ``dashboards``."""
    folder = FOLDER / kind
    return {
        path.relative_to(folder).with_suffix("").as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.yaml"))
    }


def published_columns() -> dict[str, dict[str, str]]:
    """``{published view: {column: type}}`` by the contracts, with the stamps."""
    models = [model for path in VIEWS.glob("*.yml") for model in yaml.safe_load(path.read_text()).get("models", ())]
    return {model["name"]: {one["name"]: one["data_type"] for one in model["columns"]} | STAMPS for model in models}


@dataclass(frozen=True)
class Dataset:
    """What a chart is drawn from: a published view, or a statement over some. ``role``: as which it is read."""

    name: str
    asset: Asset
    role: str

    @property
    def source(self) -> str:
        """What stands after ``from`` in a question to it."""
        sql = self.asset.get("sql")
        return f"({sql}) as virtual_table" if sql else f"{self.asset['schema']}.{self.asset['table_name']}"

    @property
    def views(self) -> set[str]:
        """The relations that it reads, with their schema."""
        tables = sqlglot.parse_one(f"select * from {self.source}", dialect="postgres").find_all(exp.Table)
        return {f"{table.db}.{table.name}" for table in tables}

    @property
    def metrics(self) -> dict[str, str]:
        """``{name: SQL}``."""
        return {one["metric_name"]: one["expression"] for one in self.asset["metrics"]}

    @property
    def columns(self) -> dict[str, str]:
        """``{name: type}``, of those that it offers."""
        return {one["column_name"]: one["type"] for one in self.asset["columns"]}


def read_datasets() -> dict[str, Dataset]:
    """Datasets by their uuid."""
    roles = {one["uuid"]: str(make_url(one["sqlalchemy_uri"]).username) for one in read_assets("databases").values()}
    return {
        asset["uuid"]: Dataset(name, asset, roles[asset["database_uuid"]])
        for name, asset in read_assets("datasets").items()
    }


def charts_of(dashboard: Asset) -> Iterator[Mapping[str, Any]]:
    """``meta`` of each chart that stands in a dashboard."""
    for part in dashboard["position"].values():
        if isinstance(part, dict) and part["type"] == "CHART":
            yield part["meta"]


def dimensions(chart: Asset) -> list[str]:
    """Columns that a chart shows or groups by."""
    params = chart["params"]
    spatial = params.get("spatial", {})
    named = [
        *([params["x_axis"]] if "x_axis" in params else []),
        *(params.get("groupby") or ()),
        *(params.get("all_columns") or ()),
        *([params["dimension"]] if params.get("dimension") else []),
        *(spatial[end] for end in ("lonCol", "latCol") if end in spatial),
        *params.get("tooltip_contents", ()),
    ]
    return list(dict.fromkeys(named))


def measured(chart: Asset) -> list[str]:
    """Names of the metrics that a chart shows."""
    params = chart["params"]
    one = [params["metric"]] if "metric" in params else []
    radius = params.get("point_radius_fixed", {})
    return [*one, *(params.get("metrics") or ()), *([radius["value"]] if radius.get("type") == "metric" else [])]


def read_text_of_assets() -> dict[Path, str]:
    """Every file as text."""
    return {path: path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.yaml"))}

"""Asking Superset for what a chart shows, and the warehouse for the same in SQL."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import sqlalchemy as sa

from dashboards.assets import Asset, Dataset, dimensions, measured
from hub.local.dashboards import address
from hub.settings import Settings

MOST_ROWS = 50_000
GRAINS = {"P1W": "week", "P1M": "month", "P3M": "quarter"}
CLAUSES = {
    "==": "{} = {}",
    "!=": "{} <> {}",
    "<=": "{} <= {}",
    "IN": "{} in ({})",
    "NOT IN": "{} not in ({})",
    "IS NOT NULL": "{} is not null",
}
Rows = Counter[tuple[object, ...]]


@contextmanager
def log_in(settings: Settings, account: str) -> Iterator[httpx.Client]:
    """A client of Superset's API with the rights of an account."""
    password = (settings.dashboards / "accounts" / account).read_text().strip()
    body = {"username": account, "password": password, "provider": "db", "refresh": False}
    with httpx.Client(base_url=address(settings), timeout=120) as client:
        answer = client.post("/api/v1/security/login", json=body).raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@dataclass(frozen=True)
class Question:
    """What one chart shows: columns, metrics and conditions of a dataset."""

    chart: Asset
    dataset: Dataset

    @property
    def names(self) -> list[str]:
        return [*dimensions(self.chart), *measured(self.chart)]

    def of_superset(self, dataset_id: int) -> dict[str, Any]:
        """As the body of a request for a chart's data."""
        params = self.chart["params"]
        columns: list[object] = list(dimensions(self.chart))
        if grain := params.get("time_grain_sqla"):
            axis = params["x_axis"]
            columns[columns.index(axis)] = {
                "columnType": "BASE_AXIS",
                "sqlExpression": axis,
                "label": axis,
                "expressionType": "SQL",
                "timeGrain": grain,
            }
        filters = [
            {"col": one["subject"], "op": one["operator"], "val": one.get("comparator")}
            for one in params["adhoc_filters"]
        ]
        query: dict[str, Any] = {"columns": columns, "filters": filters, "row_limit": MOST_ROWS}
        # Without a list of metrics rows are shown as they are; with one, even an empty one, they are grouped.
        query["metrics"] = measured(self.chart) or None
        datasource = {"id": dataset_id, "type": "table"}
        return {"datasource": datasource, "queries": [query], "result_format": "json", "result_type": "full"}

    def as_sql(self) -> str:
        """As a statement, written without Superset."""
        params = self.chart["params"]
        columns = dimensions(self.chart)
        shown = dict(zip(columns, columns, strict=True))
        if grain := params.get("time_grain_sqla"):
            shown[params["x_axis"]] = f"date_trunc('{GRAINS[grain]}', {params['x_axis']})"
        metrics = [f"{self.dataset.metrics[name]} as {name}" for name in measured(self.chart)]
        where = " and ".join(map(_condition, params["adhoc_filters"])) or "true"
        selected = ", ".join([*(f"{sql} as {name}" for name, sql in shown.items()), *metrics])
        grouped = f" group by {', '.join(shown.values())}" if shown and metrics else ""
        return f"select {selected} from {self.dataset.source} where {where}{grouped}"


def rows_of_superset(client: httpx.Client, question: Question, dataset_id: int) -> Rows:
    """What Superset shows to the account of the client."""
    answer = client.post("/api/v1/chart/data", json=question.of_superset(dataset_id))
    assert answer.is_success, f"{answer.status_code} {answer.text[:300]}"
    [result] = answer.json()["result"]
    return _rows(question.names, result["data"])


def rows_of_sql(engine: sa.Engine, question: Question) -> Rows:
    """What the warehouse says to the role of the engine."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(question.as_sql().replace("%", "%%")).mappings().all()
    return _rows(question.names, found)


def _condition(one: Mapping[str, Any]) -> str:
    told = one.get("comparator")
    values = ", ".join(map(_literal, told if isinstance(told, list) else [told]))
    return CLAUSES[one["operator"]].format(one["subject"], values)


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _rows(names: list[str], rows: Iterable[Mapping[Any, Any]]) -> Rows:
    return Counter(tuple(_plain(row[name]) for name in names) for row in rows)


def _plain(value: object) -> object:
    """One form of a value, however a driver or JSON writes it: times as milliseconds, numbers to nine places."""
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return _plain(moment.timestamp() * 1000)
    if isinstance(value, dt.date):
        return _plain(dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC))
    if isinstance(value, (bool, str)) or value is None:
        return value
    assert isinstance(value, (int, float, Decimal)), value
    return float(f"{float(value):.9g}")

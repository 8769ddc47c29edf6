"""Superset with the dashboards imported: every number is that of SQL, and an account learns what its role may read."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import yaml

from dashboards.asking import Question, log_in, rows_of_sql, rows_of_superset
from dashboards.assets import charts_of, read_assets, read_datasets
from hub.local.dashboards import address, readers
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.grant_policy import read_policy

pytestmark = pytest.mark.long

MET = "force_E23000001"
CHARTS = {chart["uuid"]: chart for chart in read_assets("charts").values()}
DATASETS = read_datasets()
DASHBOARDS = read_assets("dashboards")
ACCOUNTS = {"hub_analyst": "hub_analyst", "hub_bi": "hub_bi", "hub_force": MET}
"""Who looks at the charts that are read as a role."""
LISTINGS = (
    "/api/v1/database/",
    "/api/v1/dataset/?q=(page_size:200)",
    "/api/v1/chart/?q=(page_size:200)",
    "/api/v1/dashboard/?q=(page_size:200)",
    "/api/v1/database/{}/schemas/",
    "/api/v1/database/{}/tables/?q=(schema_name:publish)",
    "/api/v1/dataset/related/database?q=(page_size:200)",
    "/api/v1/dataset/distinct/schema",
)


@pytest.fixture(scope="module")
def exported(shown: Settings) -> dict[str, Any]:
    """What Superset holds, in its own form: ``{file: what it says}``."""
    with log_in(shown, "admin") as admin:
        bundle = zipfile.ZipFile(io.BytesIO(admin.get("/api/v1/assets/export/").raise_for_status().content))
    return {name.partition("/")[2]: yaml.safe_load(bundle.read(name)) for name in bundle.namelist()}


@pytest.fixture(scope="module")
def dataset_ids(shown: Settings) -> dict[str, int]:
    """Superset's number of each dataset, by uuid."""
    with log_in(shown, "admin") as admin:
        listed = admin.get("/api/v1/dataset/?q=(columns:!(id,uuid),page_size:200)").raise_for_status().json()
    return {one["uuid"]: one["id"] for one in listed["result"]}


def questions(account: str) -> Iterator[tuple[str, Question]]:
    """Each chart of each dashboard at which an account looks."""
    for name, dashboard in DASHBOARDS.items():
        for meta in charts_of(dashboard):
            chart = CHARTS[meta["uuid"]]
            dataset = DATASETS[chart["dataset_uuid"]]
            if ACCOUNTS[dataset.role] == account:
                yield f"{name}: {chart['slice_name']}", Question(chart, dataset)


def test_every_number_of_every_chart_is_what_sql_says_as_the_same_role(
    shown: Settings, dataset_ids: Mapping[str, int]
) -> None:
    different, empty, cells = [], [], 0
    for account in ACCOUNTS.values():
        engine = open_warehouse(shown, account)
        with log_in(shown, account) as client:
            for name, question in questions(account):
                asked = rows_of_superset(client, question, dataset_ids[question.dataset.asset["uuid"]])
                said = rows_of_sql(engine, question)
                if asked != said:
                    different.append(f"{name}: {list(asked - said)[:3]} is not {list(said - asked)[:3]}")
                if not said:
                    empty.append(name)
                cells += sum(said.values()) * len(question.names)
    print(f"{cells} cells compared; charts without rows: {empty}")
    assert different == []
    assert len(empty) <= 3
    assert cells > 5_000


def test_what_superset_holds_is_what_the_files_say(exported: Mapping[str, Any]) -> None:
    held = {one["uuid"]: one for one in exported.values() if "uuid" in one}
    written = [one for kind in ("databases", "datasets", "charts", "dashboards") for one in read_assets(kind).values()]
    assert held.keys() == {one["uuid"] for one in written}
    assert [found for one in written for found in differences(one, held[one["uuid"]])] == []


def differences(written: object, held: object, place: str = "") -> Iterator[str]:
    """Where what is held does not say what is written. Superset adds defaults, and numbers of its own."""
    if isinstance(written, dict) and isinstance(held, dict):
        for key, value in written.items():
            if key not in ("chartId", "sqlalchemy_uri") and value is not None:
                yield from differences(value, held.get(key), f"{place}/{key}")
    elif isinstance(written, list) and isinstance(held, list) and len(written) == len(held):
        for number, (one, other) in enumerate(zip(_sorted(written), _sorted(held), strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif written != held:
        yield f"{place}: {written!r} is held as {held!r}"


def _sorted(values: list[Any]) -> list[Any]:
    """Columns and metrics of a dataset come in an order of Superset's own; all other lists in that of the file."""
    names = [one.get("column_name") or one.get("metric_name") for one in values if isinstance(one, dict)]
    if not names or None in names:
        return values
    return [one for _, one in sorted(zip(names, values, strict=True), key=lambda pair: str(pair[0]))]


@pytest.mark.parametrize(("account", "group"), [("hub_bi", "hub_bi"), (MET, "hub_force")])
def test_no_listing_offers_a_name_that_the_account_may_not_read(shown: Settings, account: str, group: str) -> None:
    policy = read_policy().published
    # Whoever looks in from outside may see what is shared, too.
    closed = {view for view, roles in policy.items() if group not in roles and "hub_bi" not in roles}
    assert closed
    with log_in(shown, account) as client:
        for listing in LISTINGS:
            for number in (1, 2, 3):
                answer = client.get(listing.format(number))
                named = set(re.findall(r"\w+_v1\b", answer.text))
                assert named & closed == set(), listing
        titles = {one["dashboard_title"] for one in client.get("/api/v1/dashboard/").json()["result"]}
    allowed = {"hub_bi": "Shared: ", "hub_force": ("Shared: ", "A force's own")}[group]
    assert titles
    assert all(title.startswith(allowed) for title in titles), titles


def count_rows(client: httpx.Client, dataset_id: int) -> httpx.Response:
    """Superset's answer to how many rows a dataset has."""
    count = {"expressionType": "SQL", "sqlExpression": "count(*)", "label": "rows"}
    body = {"datasource": {"id": dataset_id, "type": "table"}, "queries": [{"columns": [], "metrics": [count]}]}
    return client.post("/api/v1/chart/data", json=body | {"result_format": "json", "result_type": "full"})


BUSIEST = """
    select target_code from publish.allocations_v1 where target_kind = 'force'
    group by target_code order by count(*) desc, target_code limit 2
"""


@pytest.mark.parametrize("place", [0, 1])
def test_a_force_sees_its_own_rows_alone(shown: Settings, dataset_ids: Mapping[str, int], place: int) -> None:
    seen: dict[str, int] = {}
    with open_warehouse(shown, "hub_analyst").connect() as connection:
        code: str = connection.exec_driver_sql(BUSIEST).scalars().all()[place]
        with log_in(shown, f"force_{code}") as client:
            for dataset in DATASETS.values():
                if dataset.role != "hub_force":
                    continue
                [view] = dataset.views - {"publish.dim_area_v1"}
                column = read_policy().published[view.removeprefix("publish.")]["hub_force"]
                counted = connection.exec_driver_sql(f"select count(*) from {view} where {column} = %s", (code,))
                answer = count_rows(client, dataset_ids[dataset.asset["uuid"]]).raise_for_status().json()
                seen[view] = counted.scalar_one()
                assert answer["result"][0]["data"] == [{"rows": seen[view]}], view
    assert len(seen) == 6
    assert seen["publish.allocations_v1"] > 0


@pytest.mark.parametrize("account", ["hub_bi", MET])
def test_an_account_gets_no_data_that_its_role_may_not_read(
    shown: Settings, dataset_ids: Mapping[str, int], account: str
) -> None:
    own = {"hub_bi"} if account == "hub_bi" else {"hub_bi", "hub_force"}
    with log_in(shown, account) as client:
        for dataset in DATASETS.values():
            answer = count_rows(client, dataset_ids[dataset.asset["uuid"]])
            assert answer.status_code == (200 if dataset.role in own else 403), dataset.name
        assert client.get("/api/v1/sqllab/").status_code == 403


def test_nobody_looks_without_a_password_and_nothing_is_fetched_from_elsewhere(shown: Settings) -> None:
    with httpx.Client(base_url=address(shown)) as stranger:
        for path in ("/api/v1/dashboard/", "/api/v1/chart/1/data/", "/api/v1/dataset/"):
            assert stranger.get(path).status_code == 401, path
        policy = stranger.get("/login/").headers["content-security-policy"]
    assert not re.search(r"https?:|\*", policy), policy


def test_passwords_are_kept_for_every_reader_and_lie_open_to_nobody_else(shown: Settings) -> None:
    kept = {path.name for path in (shown.dashboards / "accounts").iterdir()}
    assert kept == {"admin", *readers(shown)}
    assert shown.dashboards.stat().st_mode & 0o077 == 0
    # No password of the hub's own roles is there but those of readers.
    assert {path.name for path in (shown.dashboards / "roles").iterdir()} == set(readers(shown))

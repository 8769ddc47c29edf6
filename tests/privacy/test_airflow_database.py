"""What people typed into Airflow about a person goes with the person; what cannot is named."""

import json
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.privacy.certificate import AIRFLOW
from hub.settings import Settings
from ingest.deliveries import take_in
from privacy.letters import ADA, BO, LETTERS, as_csv, erase, store, token_of

TABLES = (
    "create table dag_run (run_id text primary key, conf jsonb)",
    "create table task_instance (run_id text references dag_run (run_id), rendered json)",
    "create table log (event text, extra text)",
    "create table xcom (value jsonb)",
    "create table hitl_detail (body varchar(200), executor_config bytea)",
)


@pytest.fixture
def airflow(administration: sa.Engine, make_settings: Callable[[], Settings]) -> Iterator[sa.Engine]:
    """A database with some tables as Airflow has them."""
    name = make_url(str(make_settings().warehouse_url)).database
    engine = sa.create_engine(administration.url.set(database=name))
    with engine.begin() as connection:
        for statement in TABLES:
            connection.execute(sa.text(statement))
    yield engine
    engine.dispose()


def fill(airflow: sa.Engine, table: str, **values: str) -> None:
    types = {column["name"]: column["type"] for column in sa.inspect(airflow).get_columns(table)}
    cells = ", ".join(f"cast(:{name} as {types[name]})" for name in values)
    with airflow.begin() as connection:
        query = sa.text(f"insert into {table} ({', '.join(values)}) select {cells}")
        connection.execute(query, values)


def cells(airflow: sa.Engine, table: str, column: str) -> list[object]:
    with airflow.connect() as connection:
        return [row[0] for row in connection.execute(sa.text(f"select {column} from {table} order by {column}::text"))]


def test_words_that_name_the_person_are_masked_and_all_else_stays(
    hub: Settings, engine: sa.Engine, airflow: sa.Engine
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    about = {"name": "Ada Quill", "born": "03/02/1980", "ids": [1, "ada@example.org"]}
    fill(airflow, "dag_run", run_id="manual", conf=json.dumps(about))
    fill(airflow, "dag_run", run_id="of others", conf=json.dumps({"by": "bo@example.org", "name": "Ada Quill"}))
    fill(airflow, "log", event="cli", extra=json.dumps({"told": "\u00c1da Quill, 3 February 1980"}))
    fill(airflow, "xcom", value=json.dumps(json.dumps({"phone": 447700900123, "left": "it"})))
    fill(airflow, "hitl_detail", body="ring 07700 900123 at once")
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"), airflow)
    found = store(certificate, AIRFLOW)
    assert (found.found, found.removed, found.left) == (4, 4, 0)
    assert certificate.nothing_is_left
    assert not any(AIRFLOW in one and "reached" in one for one in certificate.not_reached)
    masked = {"name": "*** *****", "born": "*" * 10, "ids": [1, "*" * 15]}
    of_others = {"by": "bo@example.org", "name": "Ada Quill"}
    assert cells(airflow, "dag_run", "conf") == [of_others, masked]
    assert [json.loads(str(one)) for one in cells(airflow, "log", "extra")] == [{"told": "*** *****, * ******** ****"}]
    assert [json.loads(str(one)) for one in cells(airflow, "xcom", "value")] == [{"phone": "*" * 12, "left": "it"}]
    assert cells(airflow, "hitl_detail", "body") == ["ring ***** ****** at once"]


def test_what_cannot_be_masked_is_named_as_left(hub: Settings, engine: sa.Engine, airflow: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    fill(airflow, "dag_run", run_id="for ada@example.org", conf="{}")
    fill(airflow, "task_instance", run_id="for ada@example.org", rendered="{}")
    fill(airflow, "hitl_detail", executor_config="ada@example.org")
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"), airflow)
    found = store(certificate, AIRFLOW)
    assert (found.found, found.removed, found.left) == (3, 0, 3)
    assert found.left_in == ["public.dag_run", "public.hitl_detail", "public.task_instance"]
    assert not certificate.nothing_is_left


def test_a_database_that_cannot_be_reached_is_said_not_to_be(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "A2", **ADA}))
    nowhere = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/airflow")
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"), nowhere)
    assert certificate.nothing_is_left
    assert all(one.store != AIRFLOW for one in certificate.stores)
    assert any(one.startswith(AIRFLOW) for one in certificate.not_reached)

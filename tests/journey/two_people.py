"""Decisions in a running hub take two people, whatever the one who asks tries through Airflow's API."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from journey.ui_doors import airflows_tables, client_of

NAME = "Zebedee Quillfeather"
PHONE = "07700 900918"
TWO = "select quarantine_id from quarantine.rows where state = 'open' order by quarantine_id limit 2"
STATE = "select state, decided_by from quarantine.rows where quarantine_id = cast(:one as uuid)"
NAMED = """
    select person_id from linkage.mention_persons group by person_id order by count(*) desc, person_id limit 1
"""

type Wait = Callable[[Callable[[], bool], str], None]


def a_release_needs_a_second_person(hub: Settings, wait_for: Wait) -> None:
    """Who asks may not answer, by the API neither; and no run decides anything that its second person did not see."""
    engine = open_warehouse(hub, Role.OWNER)
    with engine.connect() as connection:
        ids: list[uuid.UUID] = list(connection.execute(sa.text(TWO)).scalars())
    first, second = map(str, ids)
    asker, other = client_of(hub, "operator"), client_of(hub, "admin")

    run = _ask(asker, "release_quarantine", {"quarantine_ids": [first], "decided_by": "somebody"}, wait_for)
    assert _answer(asker, run, "Reject") == 403
    _no_log_complains_of_a_log_server(asker, run)
    _decide(other, run, "Reject", wait_for)
    _no_log_complains_of_a_log_server(asker, run)
    with engine.connect() as connection:
        assert tuple(connection.execute(sa.text(STATE), {"one": first}).one()) == ("rejected", "admin")
        asked = connection.execute(sa.text("select asked_by, answered_by from ledger.approvals")).tuples().all()
        # More than one where Airflow asks again, see _decide.
        assert set(asked) == {("operator", "admin")}

    asker.delete(run).raise_for_status()
    again = {"dag_run_id": run.rpartition("/")[2]}
    for more in ({}, again):
        run = _ask(asker, "release_quarantine", {"quarantine_ids": [second]}, wait_for, **more)
        forged = {"chosen_options": ["Release"], "responded_by_user": {"id": "admin", "name": "admin"}}
        _write_xcom(asker, run, forged)
        asker.patch(f"{run}/taskInstances/decide", json={"new_state": "success"}).raise_for_status()
        _ends(asker, run, wait_for, "failed")
    with engine.connect() as connection:
        assert connection.execute(sa.text(STATE), {"one": second}).one().state == "open"


def an_erasure_needs_a_second_person_and_keeps_no_name(hub: Settings, wait_for: Wait) -> None:
    """It takes an id, shows counts, and is carried out under the name of who approved."""
    engine = open_warehouse(hub, Role.OWNER)
    with engine.connect() as connection:
        person = str(connection.execute(sa.text(NAMED)).scalar_one())
    asker, other = client_of(hub, "operator"), client_of(hub, "admin")
    _what_names_a_person_is_not_kept(hub, asker)

    reason = "asked for by the person"
    run = _ask(asker, "erase_person", {"person": person, "because": reason}, wait_for)
    assert _answer(asker, run, "Erase") == 403
    question = asker.get(f"{run}/taskInstances/decide/-1/hitlDetails").json()["body"]
    assert person in question
    assert "| records about the person |" in question
    _decide(other, run, "Erase", wait_for)
    log = asker.get(f"{run}/taskInstances/carry_out/logs/1", params={"full_content": True}).text
    (certificate,) = (hub.home / "erasures").glob("*.json")
    assert str(certificate) in log
    assert '"decided_by": "admin"' in Path(certificate).read_text()
    with engine.connect() as connection:
        erased = connection.execute(sa.text("select asked_for, because, decided_by from vault.erasures")).one()
    assert tuple(erased) == (person, reason, "admin")


def _what_names_a_person_is_not_kept(hub: Settings, asker: httpx.Client) -> None:
    """Airflow's log has what a request brought even where it was refused."""
    runs = "/api/v2/dags/erase_person/dagRuns"
    for conf in ({"person": NAME, "because": "asked for"}, {"person": PHONE, "because": "asked for"}, {"name": NAME}):
        refused = asker.post(runs, json={"logical_date": None, "conf": conf})
        assert refused.status_code == 400
        assert NAME not in refused.text
    conf = {"delivery_id": str(uuid.uuid4()), "because": f"call {PHONE}"}
    withdraw = "/api/v2/dags/withdraw_delivery/dagRuns"
    assert asker.post(withdraw, json={"logical_date": None, "conf": conf}).status_code == 400
    for table, rows in airflows_tables(hub).items():
        assert not any(NAME in row or PHONE in row for row in rows), table


def _ask(client: httpx.Client, dag: str, conf: dict[str, Any], wait_for: Wait, **more: str) -> str:
    """Start a run that asks; returns its address when it waits for the answer."""
    body = {"logical_date": None, "conf": conf, **more}
    started = client.post(f"/api/v2/dags/{dag}/dagRuns", json=body).raise_for_status().json()
    run = f"/api/v2/dags/{dag}/dagRuns/{started['dag_run_id']}"
    wait_for(
        lambda: client.get(f"{run}/taskInstances/decide").json()["state"] == "awaiting_input",
        f"{dag} puts its question",
    )
    return run


def _answer(client: httpx.Client, run: str, option: str) -> int:
    """Answer the run's question; returns what the API says."""
    answer = {"chosen_options": [option], "params_input": {}}
    return client.patch(f"{run}/taskInstances/decide/-1/hitlDetails", json=answer).status_code


def _decide(client: httpx.Client, run: str, option: str, wait_for: Wait) -> None:
    """Answer until the run has succeeded: Airflow asks again where an answer comes before its scheduler has noticed
    that the task waits."""

    def is_carried_out() -> bool:
        if client.get(f"{run}/taskInstances/decide").json()["state"] == "awaiting_input":
            assert _answer(client, run, option) in (200, 409)
        return client.get(run).json()["state"] in ("success", "failed")

    wait_for(is_carried_out, f"{run} ends")
    assert client.get(run).json()["state"] == "success"


def _write_xcom(client: httpx.Client, run: str, value: dict[str, Any]) -> None:
    written = client.post(f"{run}/taskInstances/decide/xcomEntries", json={"key": "return_value", "value": value})
    assert written.status_code == 201


def _ends(client: httpx.Client, run: str, wait_for: Wait, state: str) -> None:
    wait_for(lambda: client.get(run).json()["state"] in ("success", "failed"), f"{run} ends")
    assert client.get(run).json()["state"] == state


def _no_log_complains_of_a_log_server(client: httpx.Client, run: str) -> None:
    """Neither of a task that waits for its person, nor of one that ended or was skipped."""
    for one in client.get(f"{run}/taskInstances").json()["task_instances"]:
        log = client.get(f"{run}/taskInstances/{one['task_id']}/logs/{max(one['try_number'], 1)}").text
        assert "served logs" not in log, one["task_id"]

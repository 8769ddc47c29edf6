"""Starting a run of a DAG as the person who is logged in, by Airflow's public API and with that person's own token.

So Airflow's own rights decide, its record says who asked, and whatever stands before its API looks at what is typed.
The API server asks itself, at the address by which its tasks reach it.
"""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin

import httpx
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.configuration import conf
from fastapi import HTTPException, Request

from hub.page import NotStarted

LONGEST_WAIT = 20.0
BEARER = "bearer "


async def start_run(request: Request, dag_id: str, given: Mapping[str, Any]) -> str:
    """Start a run with these parameters; returns its id. Raises HTTPException with Airflow's own 401 and 403, and
    :class:`~hub.page.NotStarted`."""
    address = urljoin(conf.get_mandatory_value("core", "execution_api_server_url"), "../api/v2/")
    body = {"logical_date": None, "conf": dict(given)}
    headers = {"Authorization": f"Bearer {token_of(request)}"}
    try:
        # No proxy: the token is for this server alone.
        async with httpx.AsyncClient(
            timeout=LONGEST_WAIT, trust_env=False, verify=ssl.create_default_context()
        ) as client:
            answer = await client.post(f"{address}dags/{quote(dag_id, safe='')}/dagRuns", json=body, headers=headers)
    except httpx.HTTPError as error:
        raise NotStarted("Airflow does not answer. Look at the approvals before you ask again.") from error
    return _run_id(answer)


def token_of(request: Request) -> str:
    """The token that the person's browser or program sent, as Airflow chooses it. Raises HTTPException with 401."""
    named = request.headers.get("authorization", "")
    token = named[len(BEARER) :].strip() if named.lower().startswith(BEARER) else None
    token = token or request.cookies.get(COOKIE_NAME_JWT_TOKEN)
    if not token:
        raise HTTPException(401)
    return token


def _run_id(answer: httpx.Response) -> str:
    if answer.status_code in (401, 403):
        raise HTTPException(answer.status_code)
    if answer.status_code == httpx.codes.BAD_REQUEST:
        # Its own words could repeat what was typed.
        raise NotStarted("Airflow does not take what was given; e-mail addresses and telephone numbers are refused.")
    if answer.status_code != httpx.codes.OK:
        raise NotStarted(f"Airflow did not start the run: it answers {answer.status_code}.")
    return str(answer.json()["dag_run_id"])

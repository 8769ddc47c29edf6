"""What people type into runs, answers, variables and the rest is looked at before Airflow keeps it.

Airflow writes what a request brings into its own log (``log.extra``) before it checks it, refused or not, and the
parameters of a run into ``dag_run.conf``. An erasure searches both for ids, tokens and contacts, but cannot search for
a bare name. So contacts are refused before Airflow sees them, an erasure takes a person's id, a token or a quarantined
row and a reason, and a masking takes the id of an erasure alone.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.orchestration.form_fields import NO_CONTACT, PERSON_PATTERN, UUID_PATTERN
from hub.orchestration.request_bodies import TooLong, read_body
from hub.orchestration.security_headers import path_of

API_PATHS = re.compile(r"/api/v2/.*")
ERASURE = "/api/v2/dags/erase_person/dagRuns"
ERASURE_TAKES = {"person", "because"}
MASKING = "/api/v2/dags/mask_mentions/dagRuns"
NOTHING_KEPT = "Nothing of what was typed has been kept."


class TypedValues:
    """Refuses contacts in what is typed into Airflow, and parameters that an erasure or a masking does not take."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_write = scope["type"] == "http" and scope["method"] in ("POST", "PATCH", "PUT")
        if not is_write or not API_PATHS.fullmatch(path := path_of(scope)):
            await self.app(scope, receive, send)
            return
        try:
            body, receive = await read_body(receive)
            refusal = _refusal(path.rstrip("/"), json.loads(body)) if body else None
        except (TooLong, ValueError, RecursionError):
            refusal = "this is not JSON of less than a megabyte"
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await JSONResponse({"detail": f"{refusal}. {NOTHING_KEPT}"}, status_code=400)(scope, receive, send)


def _refusal(path: str, typed: Any) -> str | None:
    conf = typed.get("conf") if isinstance(typed, dict) else None
    given = conf if isinstance(conf, dict) else {}
    if path == MASKING and not (
        given.keys() == {"erasure_id"} and re.fullmatch(UUID_PATTERN, str(given["erasure_id"]))
    ):
        return "a masking takes the id of an erasure alone, which is the file name of the erasure's certificate"
    if path == ERASURE:
        if given.keys() - ERASURE_TAKES:
            return f"an erasure takes {' and '.join(sorted(ERASURE_TAKES, reverse=True))} alone"
        if not re.fullmatch(PERSON_PATTERN, str(given.get("person"))):
            return (
                "the person must be given by id, token or quarantined row, never by name, e-mail address or telephone"
                " number: "
                "`hub person find` on the hub's machine tells the id"
            )
    if not all(re.search(NO_CONTACT, text) for text in _texts(typed)):
        return "give no e-mail address and no telephone number here: Airflow keeps it in its own database"
    return None


def _texts(value: Any) -> Iterator[str]:
    """Every text in it, keys too, also as it reads once it is decoded: wide digits as digits, ``%40`` as ``@``."""
    if isinstance(value, str):
        yield from (value, unquote(unicodedata.normalize("NFKC", value)))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)

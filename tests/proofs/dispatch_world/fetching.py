"""A recipient that fetches at the exchange and answers there, over a line that breaks, with tokens that change."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any

import httpx

from proofs.dispatch_world.record import PACKAGE, WITHDRAWAL, Record, Said

TRIES = 40
BETWEEN_TRIES = 0.25
PATH = "/v1/dispatches/{}"
SERVER_IS_IN_TROUBLE = (429, 500, 502, 503, 507)


class Unreachable(Exception):
    """The exchange does not answer for now."""


class ExchangeDesk:
    """Asks for what is new, fetches it, and answers; what is not answered it asks again later. ``unheard`` are paths
    whose answer was lost."""

    def __init__(
        self, recipient: str, record: Record, port: int, new_token: Callable[[str], str], *, fetches: bool
    ) -> None:
        self.recipient, self.record, self.new_token = recipient, record, new_token
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=2.0)
        self.token, self.fetches = new_token(recipient), fetches
        self.known: dict[str, str] = {}
        self.receipts: dict[str, str] = {}
        self.unheard: set[str] = set()

    def ask(self, method: str, path: str, *, is_patient: bool, **said: Any) -> httpx.Response:
        """A request, over again while nothing comes back if ``is_patient``."""
        for _ in range(TRIES if is_patient else 1):
            headers = {"Authorization": f"Bearer {self.token}"}
            try:
                answer = self.client.request(method, path, headers=headers, **said)
            except httpx.TransportError:
                self.unheard.add(path)
                time.sleep(BETWEEN_TRIES if is_patient else 0)
                continue
            if answer.status_code == 429:
                self.token = self.new_token(self.recipient)  # each token may come 600 times a minute
                continue
            if answer.status_code == 401:
                self.record.note_wrong(f"{self.recipient} is refused with a token that holds")
            if answer.status_code not in SERVER_IS_IN_TROUBLE:
                return answer
            time.sleep(BETWEEN_TRIES if is_patient else 0)
        raise Unreachable

    def may_have_been_given(self, dispatch_id: str) -> bool:
        """Whether an answer with this package was lost on its way."""
        return PATH.format(dispatch_id) in self.unheard

    def listed(self, *, is_patient: bool) -> dict[str, dict[str, Any]]:
        """All that the list has, by id."""
        found: dict[str, dict[str, Any]] = {}
        after: int | None = 0
        while after is not None:
            part = self.ask("GET", "/v1/dispatches", is_patient=is_patient, params={"after": after}).json()
            found |= {one["dispatch_id"]: one for one in part["dispatches"]}
            after = part["next"]
        return found

    def fetch_all(self, *, is_patient: bool = False) -> None:
        """Fetch what is new or has been withdrawn."""
        for dispatch_id, one in self.listed(is_patient=is_patient).items():
            has = self.known.get(dispatch_id)
            if one["state"] == "superseded" or has == WITHDRAWAL or (has and one["state"] != "withdrawn"):
                continue
            self._fetch(dispatch_id, is_patient=is_patient)

    def _fetch(self, dispatch_id: str, *, is_patient: bool) -> None:
        answer = self.ask("GET", PATH.format(dispatch_id), is_patient=is_patient)
        if answer.status_code == 410:
            return
        digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
        if answer.status_code != 200 or answer.headers["content-digest"] != f"sha-256=:{digest}:":
            self.record.note_wrong(f"{self.recipient} is answered {answer.status_code} for {dispatch_id}")
            return
        document = answer.json()["document"]
        name = dispatch_id if document == PACKAGE else f"{dispatch_id}.{document}"
        self.record.came(self.recipient, name, answer.text)
        self.known[dispatch_id] = document

    def answer(self, said: Said, *, is_patient: bool = False) -> bool:
        """Give an answer; True if the exchange has said what becomes of it."""
        own = {name: value for name, value in said.fields.items() if name in _OWN and value is not None}
        path = f"/v1/dispatches/{said.dispatch_id}/answers"
        answer = self.ask("POST", path, is_patient=is_patient, json={"kind": said.kind, **own})
        if answer.status_code in (200, 202):
            said.delivery_ids.add(answer.json()["delivery_id"])
        elif answer.status_code in (409, 410):
            said.way = "too late"
        elif answer.status_code == 404 and not self.fetches:
            return False  # a webhook has it, and the hub has not heard that it has
        else:
            self.record.note_wrong(f"an answer {said.kind} to {said.dispatch_id} gives {answer.status_code}")
        return True


_OWN = ("happened_at", "reason", "outcome_code", "transferred_to_force_code")

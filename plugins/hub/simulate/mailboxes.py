"""The made-up recipient's end of each transport: a pick-up folder, the exchange, or what a webhook took."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from uuid import UUID

import httpx
from lxml import etree

from hub.simulate.receiver import Package, Said

PREFIXES = {"force_responses": "FR-", "provider_responses": "PR-"}
CHARACTERS_OF_A_REFERENCE = 20
OPEN_STATES = ("sent", "delivered", "opened", "acknowledged", "accepted")
NOT_TAKEN = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
"""What the exchange says of an answer that comes too late, or breaks its contract."""


class Files(Protocol):
    """What is asked of a pick-up folder, by paths in it."""

    def names(self) -> Collection[str]:
        """What lies in it."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""

    def start_of(self, path: str) -> bytes | None:
        """What a plain file begins with, or all of it."""

    def put(self, path: str, content: bytes) -> None:
        """Write a file."""


@dataclass
class PickUpMailbox:
    """A pick-up folder, on this machine or on an SFTP server: receipts are put beside packages, and answers go into one
    file for each time it plays. While the hub has not collected the last file there is nothing to answer. ``decrypt``
    reads what is encrypted; without it that is left where it lies. ``note`` hears of each file before it is written."""

    files: Files
    code: str
    day: date
    decrypt: Callable[[bytes], bytes] | None = None
    note: Callable[[bytes], None] = lambda _: None
    rows: list[Said] = field(default_factory=list)
    feed: str = ""

    def packages(self) -> Iterator[Package]:
        """All that lies there and is not withdrawn."""
        names = self.files.names()
        if any(self.files.exists(f"answers/{self._name(feed)}") for feed in PREFIXES):
            return
        for name in sorted(names):
            dispatch_id, _, kind = name.partition(".")
            withdrawals = {f"{dispatch_id}.withdrawal.json", f"{dispatch_id}.withdrawal.json.pgp"}
            is_package = _is_id(dispatch_id) and kind in ("json", "json.pgp") and not withdrawals & set(names)
            if not is_package or (kind != "json" and self.decrypt is None):
                continue
            content = self.files.start_of(name) or b""
            yield Package.read((self.decrypt(content) if kind != "json" and self.decrypt else content).decode())

    def answer(self, package: Package, said: Said) -> None:
        """Keep an answer for the file, and say that the package was taken."""
        receipt = f"{package.dispatch_id}.received"
        if not self.files.exists(receipt):
            self.files.put(receipt, f"{package.dispatch_id}, by a made-up recipient".encode())
        self.feed = str(package.feed)
        row = {**package.fields, **said}
        text = json.dumps([str(package.dispatch_id), sorted(row.items())])
        reference = hashlib.sha256(text.encode()).hexdigest()[:CHARACTERS_OF_A_REFERENCE].upper()
        self.rows.append({"response_ref": PREFIXES[self.feed] + reference, **row})

    def post(self) -> None:
        """Write the file."""
        if not self.rows:
            return
        if self.feed == "force_responses":
            content = _as_xml(self.code, self.rows)
        else:
            content = "".join(f"{json.dumps(row)}\n" for row in self.rows).encode()
        self.note(content)
        self.files.put(f"answers/{self._name(self.feed)}", content)
        self.rows.clear()

    def _name(self, feed: str) -> str:
        by_code = f"{feed}_{self.code}_{self.day}.xml"
        return by_code if feed == "force_responses" else f"{feed}_{self.day}.jsonl"


@dataclass(frozen=True)
class ExchangeMailbox:
    """The exchange, through a client that has its address and brings a token."""

    client: httpx.Client

    def packages(self) -> Iterator[Package]:
        """Those in a state that is not the last."""
        for dispatch_id in list(self._open()):
            found = self.client.get(f"/v1/dispatches/{dispatch_id}")
            if found.status_code != HTTPStatus.GONE:
                yield Package.read(found.raise_for_status().text)

    def _open(self) -> Iterator[str]:
        after: int | None = 0
        while after is not None:
            listed = self.client.get("/v1/dispatches", params={"after": after}).raise_for_status().json()
            yield from (one["dispatch_id"] for one in listed["dispatches"] if one["state"] in OPEN_STATES)
            after = listed["next"]

    def answer(self, package: Package, said: Said) -> None:
        """Send it; that it is not taken is the hub's good right."""
        answer = self.client.post(f"/v1/dispatches/{package.dispatch_id}/answers", json=dict(said))
        if answer.status_code not in NOT_TAKEN:
            answer.raise_for_status()

    def post(self) -> None:
        """Each answer went by itself."""


@dataclass(frozen=True)
class WebhookMailbox(ExchangeMailbox):
    """What a webhook took, by now or before, in a folder; answers go to the exchange."""

    taken: Path

    def packages(self) -> Iterator[Package]:
        """All that was taken and is not withdrawn."""
        for path in sorted(self.taken.glob("*.json")):
            if _is_id(path.stem) and not path.with_suffix(".withdrawal.json").exists():
                yield Package.read(path.read_text(encoding="utf-8"))


def _as_xml(code: str, rows: list[Said]) -> bytes:
    root = etree.Element("forceResponses", {"force": code, "count": str(len(rows))})
    for row in rows:
        response = etree.SubElement(root, "response")
        for name, text in row.items():
            etree.SubElement(response, name).text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _is_id(name: str) -> bool:
    with suppress(ValueError):
        return bool(UUID(name))
    return False

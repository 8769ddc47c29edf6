"""The made-up recipient's end of each transport: a pick-up folder, or the exchange."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import httpx
from lxml import etree

from hub.simulate.receiver import Package, Said

PREFIXES = {"force_responses": "FR-", "provider_responses": "PR-"}
CHARACTERS_OF_A_REFERENCE = 20
OPEN_STATES = ("sent", "delivered", "opened", "acknowledged", "accepted")
NOT_TAKEN = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
"""What the exchange says of an answer that comes too late, or breaks its contract."""


@dataclass
class FolderMailbox:
    """A pick-up folder: packages are moved into ``taken``, answers go into one file for each time it plays. While the
    hub has not collected the last file there is nothing to answer."""

    folder: Path
    code: str
    day: date
    rows: list[Said] = field(default_factory=list)
    feed: str = ""

    def packages(self) -> Iterator[Package]:
        """All that was taken, now or before, and is not withdrawn."""
        if any((self.folder / "answers").glob("[!.]*")):
            return
        taken = self.folder / "taken"
        taken.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("*.json")):
            if _is_id(path.name.partition(".")[0]):
                path.rename(taken / path.name)
        for path in sorted(taken.glob("*.json")):
            if not (taken / f"{path.stem}.withdrawal.json").exists():
                yield Package.read(path.read_text(encoding="utf-8"))

    def answer(self, package: Package, said: Said) -> None:
        """Keep an answer for the file."""
        self.feed = str(package.feed)
        row = {**package.fields, **said}
        text = json.dumps([str(package.dispatch_id), sorted(row.items())])
        reference = hashlib.sha256(text.encode()).hexdigest()[:CHARACTERS_OF_A_REFERENCE].upper()
        self.rows.append({"response_ref": PREFIXES[self.feed] + reference, **row})

    def post(self) -> None:
        """Write the file, whole when it appears."""
        if not self.rows:
            return
        if self.feed == "force_responses":
            name, content = f"{self.feed}_{self.code}_{self.day}.xml", _as_xml(self.code, self.rows)
        else:
            lines = "".join(f"{json.dumps(row)}\n" for row in self.rows)
            name, content = f"{self.feed}_{self.day}.jsonl", lines.encode()
        part = self.folder / "answers" / f".{name}"
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.rename(self.folder / "answers" / name)
        self.rows.clear()


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

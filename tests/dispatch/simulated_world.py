"""A hub with made-up recipients beside real ones, whose incidents rest on samples, on real reports, or on both.

What is right is worked out here from a contract's words and an incident's reports alone.
"""

import hashlib
import io
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from dispatch.conftest import DAY, FORCE, PROVIDER, Hub
from hub.dispatch.preparing import MADE_UP, SIMULATED, LeftOut
from hub.dispatch.transports import folder as folder_module
from hub.orchestration import dispatching, steps

OTHER = "E23000002"
"""A real force beside the made-up one."""
SAMPLE, REAL = "sample", "real"
EVIDENCE = {"real": frozenset({REAL}), "mixed": frozenset({SAMPLE, REAL}), "simulated": frozenset({SAMPLE})}
MODES: dict[str, dict[str, bool | None]] = {
    "plain": {"takes_simulated": None, "simulated": None},
    "for trying": {"takes_simulated": True, "simulated": None},
    "made up": {"takes_simulated": None, "simulated": True},
    "made up and for trying": {"takes_simulated": True, "simulated": True},
}
FEEDS = ("force_responses", "provider_responses")
OVER = {"superseded", "withdrawn"}


def why_not(mode: str, evidence: Iterable[str]) -> str | None:
    """Why an allocation does not go to a recipient; None where it does."""
    evidence = set(evidence)
    if mode.startswith("made up"):
        return None if evidence == {SAMPLE} else MADE_UP
    return SIMULATED if mode == "plain" and SAMPLE in evidence else None


def files_are_whole_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "is_ready", lambda path: not path.name.startswith("."))
    monkeypatch.setattr("hub.ingest.dropped_files.QUIET_SECONDS", 0.0)


def pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@dataclass
class World:
    """The hub, and on which reports each allocation rests. A sample's reference begins with TV-1, a real one's with
    TV-2."""

    hub: Hub
    rests: dict[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    code: str = FORCE

    def become(self, mode: str, code: str | None = None) -> None:
        self.hub.recipient(code or self.code, **MODES[mode])

    def offer(self, evidence: Iterable[str], target: str | None = None, **said: object) -> uuid.UUID:
        kind = "provider" if target == PROVIDER else "force"
        allocation = self.hub.offer(kind, target or self.code, **said)
        self.rests[allocation] = frozenset[str]()
        self.hub.change(
            "delete from publish.incident_evidence_v1 where incident_id = :id", id=uuid.UUID(int=allocation.int - 1)
        )
        self.rest(allocation, evidence)
        return allocation

    def rest(self, allocation: uuid.UUID, evidence: Iterable[str]) -> None:
        """Let reports join the incident or part from it."""
        incident = uuid.UUID(int=allocation.int - 1)
        wanted, known = frozenset(evidence), self.rests[allocation]
        for one in known - wanted:
            self.hub.change(
                "delete from publish.incident_evidence_v1 where report_ref = :ref", ref=self.ref(allocation, one)
            )
        for one in wanted - known:
            self.hub.change(
                """insert into publish.incident_evidence_v1
                   (incident_id, report_id, report_ref, feed, delivery_sha256, row_number, reported_at, is_simulated)
                   values (:incident, :id, :ref, 'true_vision_reports', '00', :row, :at, :is_simulated)""",
                incident=incident,
                id=self.report_id(allocation, one),
                ref=self.ref(allocation, one),
                row=allocation.int,
                at=DAY,
                is_simulated=one.startswith(SAMPLE),
            )
        self.rests[allocation] = wanted
        self.hub.change(
            """update publish.incidents_v1 as i set count_reports = greatest(1, (
                 select count(*) from publish.incident_evidence_v1 as e where e.incident_id = i.incident_id))"""
        )
        self.hub.change("update publish.allocations_v1 set publish_id = publish_id + 1")

    def ref(self, allocation: uuid.UUID, report: str) -> str:
        number = int(report.partition(" ")[2] or 0)
        return f"TV-{1 if report.startswith(SAMPLE) else 2}{number}{allocation.int:06d}"

    def report_id(self, allocation: uuid.UUID, report: str) -> uuid.UUID:
        return uuid.uuid5(allocation, report)

    def speaks_of_real(self, text: str) -> list[str]:
        """The references and ids of real reports that a text names."""
        reports = [REAL, *(f"{REAL} {number}" for number in range(1, 4))]
        names = (name for one in self.rests for report in reports for name in self._names(one, report))
        return [name for name in names if name in text]

    def _names(self, allocation: uuid.UUID, report: str) -> Iterator[str]:
        yield self.ref(allocation, report)
        yield str(self.report_id(allocation, report))

    def folder(self, code: str | None = None) -> Path:
        return self.hub.settings.pickup_folder / (code or self.code)

    def lies(self, code: str | None = None) -> dict[str, bytes]:
        """All files in a recipient's folder, by path."""
        folder = self.folder(code)
        return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}

    def active(self) -> dict[uuid.UUID, str]:
        """``{allocation: state}`` of dispatches that hold."""
        return {one.allocation_id: one.state.value for one in self.hub.dispatches() if one.state.value not in OVER}

    def left(self, mode: str) -> Counter[LeftOut]:
        """What stays with the hub, and why."""
        left = Counter[LeftOut]()
        for evidence in self.rests.values():
            if because := why_not(mode, {one.partition(" ")[0] for one in evidence}):
                left["force", self.code, "evidence_package", because] += 1
        return left

    def check_folder(self, before: Iterable[str] = ()) -> None:
        """No file in a made-up recipient's folder speaks of a real case, but for those that lay there ``before``."""
        known = set(before)
        had = {one.partition(".")[0] for one in known}
        for path, content in self.lies().items():
            dispatch, _, ending = path.partition(".")
            if path in known or (ending.startswith("withdrawal.") and dispatch in had):
                continue
            text = pdf_text(content) if ending.endswith("pdf") else content.decode()
            assert not self.speaks_of_real(text), path
            if ending == "json" and dispatch.count("-") > 3:
                assert json.loads(text)["dispatch"]["is_simulated"] is True, path

    def collect(self) -> dict[str, object]:
        """A run of ``collect_answers``, and of ingest for what it has dropped."""
        done = dispatching.collect(self.hub.settings)
        self.ingest()
        return done

    def ingest(self) -> int:
        count = 0
        for feed in FEEDS:
            folder = self.hub.settings.drop / feed
            folder.mkdir(parents=True, exist_ok=True)
            for path in folder.iterdir():
                if path.is_file():
                    assert self.is_noted(path.read_bytes()), f"{path} is dropped and not known as simulated"
            for delivery in steps.collect(self.hub.settings, feed):
                steps.ingest_delivery(self.hub.settings, feed, delivery)
                count += 1
        return count

    def is_noted(self, content: bytes) -> bool:
        """Whether the ledger knows a file as simulated."""
        sha256 = hashlib.sha256(content).hexdigest()
        return sha256 in self.rows("select sha256 from ledger.simulated_files")

    def rows(self, query: str) -> list[object]:
        with self.hub.engine.connect() as connection:
            return [row[0] if len(row) == 1 else tuple(row) for row in connection.execute(sa.text(query))]

    def said(self, number: int) -> tuple[str, ...]:
        """What a recipient has said of a dispatch."""
        return tuple(
            one
            for one in self.hub.way(number)
            if one in ("acknowledged", "accepted", "returned", "transferred", "closed")
        )

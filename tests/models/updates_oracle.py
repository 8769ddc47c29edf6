"""Who is due which message and to which address it may go, worked out a second time: from delivered files and from
published tables alone."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_world import COMMUNITY, TV

LONDON = ZoneInfo("Europe/London")
WITH_OTHERS = ("force", "other_country", "other_agency", "community_hub")
NOT_FOR_POLICE = ("no_further_action",)


@dataclass(frozen=True)
class Said:
    """What the newest delivered version of a report says."""

    ref: str
    agrees: bool
    is_victim: bool
    reporter: str | None
    victim: str | None
    personal: frozenset[str]
    secret: str

    def address(self, kind: str) -> str | None:
        """To whom a message of this kind may go, if to anybody."""
        if not self.agrees:
            return None
        if kind == "outcome":
            return self.reporter if self.is_victim else self.victim
        return self.reporter or self.victim

    @property
    def addresses(self) -> set[str]:
        return {same(one) for one in (self.reporter, self.victim) if one}


class Due(NamedTuple):
    """A message that a report is due."""

    ref: str
    kind: str
    allocation: str | None
    outcome: str | None = None


def same(address: str) -> str:
    """What two ways to write one address share."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def read_delivered(paths: Iterable[tuple[str, Path]]) -> dict[str, Said]:
    """The newest version of each report, of files in the order in which they came."""
    newest = dict[str, Said]()
    for feed, path in paths:
        if feed not in (TV, COMMUNITY):
            continue
        text = path.read_text(encoding="utf-8-sig")
        rows: Iterable[dict[str, Any]] = (
            csv.DictReader(text.splitlines(keepends=True))
            if feed == TV
            else (json.loads(line) for line in text.splitlines() if line)
        )
        for row in rows:
            said = _said(feed, row)
            newest[said.ref] = said
    return newest


def _said(feed: str, row: dict[str, Any]) -> Said:
    personal = {
        str(value).strip() for name, value in row.items() if name.startswith(("reporter_", "victim_")) and value
    } - {"yes", "no"}
    return Said(
        ref=row["report_ref"] if feed == TV else row["case_ref"],
        agrees=row["consent_contact"] in ("yes", True),
        is_victim=row.get("reporter_is_victim") == "yes",
        reporter=(row.get("reporter_email") or "").strip() or None,
        victim=(row.get("victim_email") or "").strip() or None,
        personal=frozenset(personal),
        secret=row["description"],
    )


PUBLISHED = """
    select evidence.report_ref, evidence.report_id, evidence.incident_id, evidence.reported_at, evidence.is_simulated,
           owner.allocation_id, owner.target_kind, owner.target_name, owner.allocated_at,
           owner.outcome_code, owner.outcome_name, owner.outcome_at
    from publish.incident_evidence_v1 as evidence
    inner join publish.allocations_v1 as owner
        on evidence.incident_id = owner.incident_id and owner.duty = 'owner' and owner.is_current_owner
    where evidence.feed in ('true_vision_reports', 'community_reports')
"""


class Published(NamedTuple):
    """A report, and who has its incident."""

    ref: str
    report_id: Any
    incident_id: Any
    reported_at: Any
    is_simulated: bool
    allocation_id: Any
    target_kind: str
    target_name: str | None
    allocated_at: Any
    outcome_code: str | None
    outcome_name: str | None
    outcome_at: Any


def read_published(settings: Settings) -> dict[str, Published]:
    rows = fetch(open_warehouse(settings, Role.OWNER), PUBLISHED)
    published = {row[0]: Published(*row) for row in rows}
    assert len(published) == len(rows), "each report has one owner"
    return published


def due(published: Iterable[Published], since: date, *, takes_simulated: bool = False) -> set[Due]:
    """What reports are due."""
    found = set[Due]()
    for one in published:
        if one.is_simulated and not takes_simulated:
            continue
        allocation = str(one.allocation_id)
        if _day(one.reported_at) >= since:
            found.add(Due(one.ref, "received", None))
        if _day(one.allocated_at) >= since and one.target_kind in WITH_OTHERS:
            found.add(Due(one.ref, "passed_on", allocation))
        if _day(one.allocated_at) >= since and one.target_kind in NOT_FOR_POLICE:
            found.add(Due(one.ref, "not_for_police", allocation))
        if one.outcome_code not in (None, "0") and _day(one.outcome_at) >= since:
            found.add(Due(one.ref, "outcome", allocation, one.outcome_code))
    return found


def _day(moment: Any) -> date:
    day: date = moment.astimezone(LONDON).date()
    return day


def noted(settings: Settings, *states: str) -> Counter[Due]:
    """The messages that the hub has written down, in these states or in any."""
    query = """
        select report_ref, kind, allocation_id::text, state from ledger.reporter_updates
        inner join publish.incident_evidence_v1 using (report_id)
    """
    rows = fetch(open_warehouse(settings, Role.OWNER), query)
    return Counter(Due(*row[:3]) for row in rows if not states or row[3] in states)


def without_outcome(messages: Iterable[Due]) -> Counter[Due]:
    return Counter(one._replace(outcome=None) for one in messages)

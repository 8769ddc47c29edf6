"""To which police force each piece of evidence points, and where an incident belongs."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from recomputed.inputs import Inputs
from recomputed.reports import Report
from recomputed.working_time import holds_at


@dataclass(frozen=True)
class Suspect:
    """What a provider says of where a suspect is: a force of the United Kingdom, ABROAD, or somewhere in it (None)."""

    incident_id: str
    force: str | None
    is_abroad: bool
    happened_at: datetime


@dataclass(frozen=True)
class Evidence:
    """One report or answer that points to a force; the lower rank is the better evidence."""

    rank: int
    kind: str
    force: str
    said_at: datetime


@dataclass(frozen=True)
class Place:
    """Where the evidence says that an incident belongs, and the force to which the best of the rest points."""

    kind: str = "none"
    force: str | None = None
    known_at: datetime | None = None
    """When the first report or answer said so."""
    runner_up: str | None = None


class Places:
    """Looks forces up by the lists of places."""

    def __init__(self, inputs: Inputs) -> None:
        authorities = inputs.seed("local_authorities")
        self._force_of_authority = {row["lad_code"]: row["force_code"] for row in authorities}
        self._ranges = inputs.seed("lsoa_ranges")
        districts = inputs.seed("postcode_districts")
        self._force_of_district = {row["postcode_district"]: row["force_code"] for row in districts}
        names = inputs.seed("local_authority_names")
        self._authority_of_name = {row["written_name"]: row["lad_code"] for row in names}
        self._ladder = inputs.seed("evidence_ladder")
        self._of_lsoa: dict[str, str | None] = {}

    def of_lsoa(self, code: str | None) -> str | None:
        """Force of a small area: the codes of a local authority run on in ranges."""
        if code is None:
            return None
        if code not in self._of_lsoa:
            holding = [row for row in self._ranges if row["first_lsoa_code"] <= code <= row["last_lsoa_code"]]
            self._of_lsoa[code] = self._force_of_authority.get(holding[0]["lad_code"]) if holding else None
        return self._of_lsoa[code]

    def of_district(self, district: str | None) -> str | None:
        """Force at the centre of a postcode district."""
        return self._force_of_district.get(district) if district else None

    def of_borough(self, name: str | None) -> str | None:
        """Force of a local authority, as people write its name: in lower case, letters and digits only; an apostrophe
        parts no words."""
        if name is None:
            return None
        joined = re.sub(r"(?<=\w)['\u2018\u2019`](?=\w)", "", name.lower()).replace("&", " and ")
        written = " ".join(re.sub(r"[^a-z0-9]+", " ", joined).split())
        return self._force_of_authority.get(self._authority_of_name.get(written))

    def rank(self, kind: str, is_online: str | None, moment: datetime) -> int | None:
        """Place of a kind of evidence on the ladder of the day; an answer that was not given counts as unknown."""
        for row in self._ladder:
            if (
                row["location_evidence"] == kind
                and row["is_online"] == (is_online or "unknown")
                and holds_at(row, moment)
            ):
                return int(row["evidence_rank"])
        return None

    def of_report(self, report: Report) -> list[Evidence]:
        """All that one report says of the place."""
        pointed = {
            "offence_lsoa": self.of_lsoa(report.lsoa),
            "offence_postcode_district": self.of_district(report.postcode_district),
            "victim_home": self.of_district(report.home_district) if report.may_share_with_police else None,
            "borough_named": self.of_borough(report.borough),
            "force_named": report.force_named,
        }
        found = []
        for kind, force in pointed.items():
            rank = self.rank(kind, report.is_online, report.reported_at)
            if force is not None and rank is not None:
                found.append(Evidence(rank, kind, force, report.reported_at))
        return found

    def of_suspect(self, suspect: Suspect) -> list[Evidence]:
        """A provider speaks of what happened online."""
        force = "ABROAD" if suspect.is_abroad else suspect.force
        rank = self.rank("suspect_location", "yes", suspect.happened_at)
        if force is None or rank is None:
            return []
        return [Evidence(rank, "suspect_location", force, suspect.happened_at)]


def settle(evidence: list[Evidence]) -> Place:
    """Contradictions are settled by the grade, then by how many say so, then by the code."""
    votes = Counter((found.rank, found.kind, found.force) for found in evidence)
    in_order = sorted(votes, key=lambda place: (place[0], -votes[place], place[2]))
    if not in_order:
        return Place()
    _, kind, force = in_order[0]
    return Place(
        kind=kind,
        force=force,
        known_at=min(found.said_at for found in evidence if (found.kind, found.force) == (kind, force)),
        runner_up=next((other for _, _, other in in_order if other != force), None),
    )

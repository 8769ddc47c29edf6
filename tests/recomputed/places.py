"""To which police force each piece of evidence points, and where an incident belongs."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from recomputed.inputs import Inputs
from recomputed.named_places import NamedPlaces, Shares, shares_of, shares_of_districts
from recomputed.reports import Report
from recomputed.working_time import holds_at

CERTAIN, SLIVER = 0.9, 0.1


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
    share: float = 1.0
    """How much of the place is this force's."""

    @property
    def is_certain(self) -> bool:
        return self.share >= CERTAIN


@dataclass(frozen=True)
class Place:
    """Where the evidence says that an incident belongs, and the force to which the best of the rest points."""

    kind: str = "none"
    force: str | None = None
    known_at: datetime | None = None
    """When the first report or answer said so."""
    runner_up: str | None = None
    is_doubtful: bool = False
    """Forces share the place, and nothing says for certain which of them it is."""


class Places:
    """Looks forces up by the lists of places."""

    def __init__(self, inputs: Inputs) -> None:
        authorities = inputs.seed("local_authorities")
        self._force_of_authority = {row["lad_code"]: row["force_code"] for row in authorities}
        self._ranges = inputs.seed("lsoa_ranges")
        self._shares_of_district = shares_of_districts(inputs)
        self._named = NamedPlaces(inputs)
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

    def of_district(self, district: str | None) -> Shares:
        """Forces that have a part of a postcode district."""
        return dict(self._shares_of_district.get(district, {})) if district else {}

    def of_borough(self, name: str | None) -> Shares:
        """Forces in whose area a place that somebody named may be."""
        return shares_of(self._named.readings(name))

    def of_authorities(self, name: str | None) -> set[str]:
        """Codes of the authorities in which a place that somebody named may be; of a county that of its force."""
        return {one.authority or force for force, one in self._named.readings(name).items()}

    def _ranks(self, reports: list[Report]) -> dict[str, int]:
        """Places of the kinds of evidence on the ladder of the day of the first report, for where the incident as a
        whole happened; an answer that was not given counts as unknown."""
        told = {report.is_online for report in reports}
        is_online = next((answer for answer in ("yes", "no") if answer in told), "unknown")
        moment = min(report.reported_at for report in reports)
        ladder = [row for row in self._ladder if row["is_online"] == is_online and holds_at(row, moment)]
        return {row["location_evidence"]: int(row["evidence_rank"]) for row in ladder}

    def of_reports(self, reports: list[Report]) -> list[Evidence]:
        """All that the reports of one incident say of the place."""
        heeded = self._with_heeded_boroughs(reports)
        ranks = self._ranks(reports)
        return [found for report in reports for found in self._of_report(report, report.report_id in heeded, ranks)]

    def _with_heeded_boroughs(self, reports: list[Report]) -> set[str]:
        """Strangers who report a post that attacks nobody in person name each their own borough. It is heeded where the
        text names a place there too, and where several reports name the same authority and none another."""
        every = {report.report_id for report in reports}
        if any(report.knows_a_victim for report in reports) or not any(report.is_of_a_post for report in reports):
            return every
        named = {one.report_id: codes for one in reports if (codes := self.of_authorities(one.borough))}
        if len(named) > 1 and set.intersection(*named.values()):
            return every
        return {one.report_id for one in reports if named.get(one.report_id, set()) & one.places_in_text}

    def _of_report(self, report: Report, heeds_borough: bool, ranks: dict[str, int]) -> list[Evidence]:
        is_here = report.force_named != "ABROAD"
        by_lsoa = self.of_lsoa(report.lsoa) if is_here else None
        pointed: dict[str, Shares] = {
            "offence_lsoa": {by_lsoa: 1.0} if by_lsoa else {},
            "offence_postcode_district": self.of_district(report.postcode_district) if is_here else {},
            "victim_home": self.of_district(report.home_district) if report.may_share_with_police else {},
            "borough_named": self.of_borough(report.borough) if is_here and heeds_borough else {},
            "force_named": {report.force_named: 1.0} if report.force_named else {},
        }
        found = []
        for kind, forces in pointed.items():
            rank = ranks.get(kind)
            if rank is not None:
                found += [Evidence(rank, kind, force, report.reported_at, share) for force, share in forces.items()]
        return found

    def of_suspect(self, suspect: Suspect, reports: list[Report]) -> list[Evidence]:
        """What a provider says of somebody who is suspected."""
        force = "ABROAD" if suspect.is_abroad else suspect.force
        rank = self._ranks(reports).get("suspect_location")
        if force is None or rank is None:
            return []
        return [Evidence(rank, "suspect_location", force, suspect.happened_at)]


def settle(evidence: list[Evidence]) -> Place:
    """Contradictions are settled by the grade, then by how many say so for certain, there and in any grade, then by the
    share of the place, then by the code. A sliver of a place comes last."""
    if not evidence:
        return Place()
    certain = Counter(found.force for found in evidence if found.is_certain)
    of_grade = Counter((found.rank, found.force) for found in evidence if found.is_certain)
    shares: defaultdict[tuple[int, str], float] = defaultdict(float)
    for found in evidence:
        shares[found.rank, found.force] += found.share
    likely = {found.force for found in evidence if found.share >= SLIVER}
    in_order = sorted(
        {(found.rank, found.kind, found.force) for found in evidence},
        key=lambda place: (
            place[0],
            -of_grade[place[0], place[2]],
            -certain[place[2]],
            -round(shares[place[0], place[2]], 6),
            place[2],
        ),
    )
    _, kind, force = in_order[0]
    others = sorted((place[2] for place in in_order if place[2] != force), key=lambda other: other not in likely)
    return Place(
        kind=kind,
        force=force,
        known_at=min(found.said_at for found in evidence if (found.kind, found.force) == (kind, force)),
        runner_up=others[0] if others else None,
        is_doubtful=not certain[force],
    )

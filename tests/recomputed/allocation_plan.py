"""Who is given an incident, worked out again: by the dated rules, and then by the words of the forces that have it.

A case is decided when it is noticed and its place is known, and not before the hub's own note of the allocation.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime

from recomputed.answers import Answer, answers_of_forces, asked
from recomputed.capacity import HubDay
from recomputed.incidents import Incident
from recomputed.inputs import Inputs, Row
from recomputed.records import latest
from recomputed.reports import References, Report
from recomputed.values import instant
from recomputed.working_time import holds_at

DUTIES = ("owner", "removal", "information")
CONDITIONS = (
    "incident_class",
    "is_criminal",
    "is_urgent",
    "is_online",
    "funnel",
    "location_evidence",
    "platform",
    "has_provider",
    "has_force",
    "is_police_record_alone",
    "is_beyond_capacity",
    "is_place_doubtful",
)


@dataclass(frozen=True)
class Decision:
    """One allocation: to whom, for what, by which rule, and when."""

    incident_id: str
    duty: str
    sequence_number: int
    target_kind: str
    target_code: str
    route: str
    rule_id: str
    rule_version: int
    allocated_at: datetime


type Word = tuple[str, Answer]
"""A force, and what it says."""


def read_decisions(
    inputs: Inputs, reports: list[Report], incidents: dict[str, Incident], hub_days: list[HubDay]
) -> list[Row]:
    """All allocations, as ``COLUMNS_OF_ALLOCATIONS`` has them."""
    references = References(reports)
    beyond = {incident.incident_id for each in hub_days for incident in each.left_over}
    notes: dict[str, list[datetime]] = defaultdict(list)
    for row in latest(inputs, "hub_activity"):
        noted = references.incident(row["report_ref"])
        if row["activity"] == "allocation" and noted is not None:
            notes[noted].append(instant(row["started_at"]))
    words: dict[str, list[Word]] = defaultdict(list)
    for incident_id, force, answer in answers_of_forces(inputs, references, reports):
        words[incident_id].append((force, answer))
    decisions: list[Row] = []
    for incident_id, incident in incidents.items():
        planned = plan(inputs, incident, incident_id in beyond, notes[incident_id])
        for duty, (rule, target, moment) in planned.items():
            if duty == "owner":
                decisions += map(asdict, owners(inputs, incident, planned[duty], words[incident_id]))
            else:
                decisions.append(asdict(_decision(incident, 1, rule, rule["target_kind"], target, moment)))
    _ask_by_first_answer(inputs, references, decisions)
    return decisions


def _ask_by_first_answer(inputs: Inputs, references: References, decisions: list[Row]) -> None:
    """Nobody answers before being asked: a provider who answered before the plan had asked was asked by then."""
    of_incident: dict[str, list[Row]] = defaultdict(list)
    for row in decisions:
        of_incident[row["incident_id"]].append(row)
    for answer in latest(inputs, "provider_responses"):
        referral = asked(of_incident.get(references.incident(answer["report_ref"]) or "", []), answer)
        if referral is not None:
            referral["allocated_at"] = min(referral["allocated_at"], instant(answer["happened_at"]))


def plan(
    inputs: Inputs, incident: Incident, is_beyond: bool, notes: list[datetime]
) -> dict[str, tuple[Row, str, datetime]]:
    """By duty the first rule that fits, the target that it names, and when. ``notes`` are the times of the hub's own
    entries that it has allocated the incident."""
    noticed = _noticed_at(incident)
    decided = max([noticed, *sorted(notes)[:1], *([incident.place.known_at] if incident.place.known_at else [])])
    facts = _facts(inputs, incident, is_beyond)
    found = {}
    for duty in DUTIES:
        moment = decided if duty == "owner" else noticed
        rules = [rule for rule in inputs.seed("allocation_rules") if rule["duty"] == duty and holds_at(rule, moment)]
        for rule in sorted(rules, key=lambda rule: int(rule["priority"])):
            if all(rule[name] in (None, facts[name]) for name in CONDITIONS):
                found[duty] = rule, _target(rule, incident), moment
                break
    return found


def _noticed_at(incident: Incident) -> datetime:
    """When the hub had the incident before it, with its class; a threat to life waits for no triage."""
    told = incident.first_hub_reported_at
    if told is None:
        return incident.first.reported_at
    if incident.triage is None or incident.is_urgent:
        return told
    return max(told, incident.triage.decided_at)


def _facts(inputs: Inputs, incident: Incident, is_beyond: bool) -> dict[str, str]:
    """What rules look at, in the words of the rules."""
    kinds = {row["provider_code"]: row["provider_kind"] for row in inputs.seed("platforms")}
    kind = kinds.get(incident.platform, "not_a_provider")
    facts: dict[str, str | bool] = {
        "incident_class": incident.triage.counts_as if incident.triage else "crime",
        "is_criminal": incident.is_criminal,
        "is_urgent": incident.is_urgent,
        "is_online": incident.is_online,
        "funnel": incident.funnel,
        "location_evidence": incident.place.kind,
        "platform": incident.platform or "none",
        "has_provider": kind != "not_a_provider",
        "has_force": incident.force not in (None, "ABROAD"),
        "is_police_record_alone": incident.first_hub_reported_at is None,
        "is_beyond_capacity": is_beyond,
        "is_place_doubtful": incident.place.is_doubtful,
    }
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in facts.items()}


def _target(rule: Row, incident: Incident) -> str:
    """What the rule names: a force, a platform, a country abroad, or the kind of target where there is but one."""
    named = {
        "evidence": incident.force,
        "recording_force": next(
            (each.force_named for each in incident.reports if each.feed == "police_hate_crimes"), None
        ),
        "platform": incident.platform,
        "abroad": "ABROAD",
    }
    return named.get(rule["owner_rule"]) or rule["target_kind"]


def owners(inputs: Inputs, incident: Incident, first: tuple[Row, str, datetime], words: list[Word]) -> list[Decision]:
    """Who was responsible, one after the other: only a word of who has the case moves it. A return sends it to the
    runner-up of the evidence, once, and then to the desk; what lies at the desk goes to the first force that takes it
    up."""
    rule, target, planned = first
    said = sorted(words, key=lambda word: word[1].happened_at)
    start = min([planned, *(answer.happened_at for force, answer in said if _is_of_owner(target, force, answer))])
    chain = [_decision(incident, 1, rule, rule["target_kind"], target, start)]
    runner_up = incident.place.runner_up if incident.place.runner_up != "ABROAD" else None
    for force, answer in said:
        owner = chain[-1]
        if answer.happened_at < owner.allocated_at:
            continue
        moved = _moved(owner, force, answer, runner_up)
        if moved is not None:
            how, kind, code = moved
            runner_up = None if how == "returned" else runner_up
            succession = next(
                each
                for each in inputs.seed("allocation_rules")
                if (each["duty"], each["rule_id"]) == ("succession", how) and holds_at(each, answer.happened_at)
            )
            chain.append(_decision(incident, len(chain) + 1, succession, kind, code, answer.happened_at))
    return chain


def _is_of_owner(target: str, force: str, answer: Answer) -> bool:
    """Whether a word shows that the case was with its first owner by then."""
    return force == target or (target == "hub_desk" and answer.kind in ("acknowledged", "accepted"))


def _moved(owner: Decision, force: str, answer: Answer, runner_up: str | None) -> tuple[str, str, str] | None:
    """How a word moves a case, and to whom; None where it stays."""
    if owner.target_kind == "hub_desk":
        return ("taken_up", "force", force) if answer.kind in ("acknowledged", "accepted") else None
    if owner.target_kind != "force" or owner.target_code != force:
        return None
    if answer.kind == "returned":
        is_next = owner.sequence_number == 1 and runner_up is not None
        return ("returned", "force", str(runner_up)) if is_next else ("returned_to_desk", "hub_desk", "hub_desk")
    if answer.kind == "transferred" and answer.passed_to not in (None, force):
        return "transferred", "other_country" if answer.passed_to == "ABROAD" else "force", str(answer.passed_to)
    return None


def _decision(incident: Incident, number: int, rule: Row, kind: str, code: str, moment: datetime) -> Decision:
    return Decision(
        incident_id=incident.incident_id,
        duty="owner" if rule["duty"] == "succession" else rule["duty"],
        sequence_number=number,
        target_kind=kind,
        target_code=code,
        route=rule["route"],
        rule_id=rule["rule_id"],
        rule_version=int(rule["rule_version"]),
        allocated_at=moment,
    )

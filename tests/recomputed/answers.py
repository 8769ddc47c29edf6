"""What became of allocations: the answers of forces and providers, and which allocation each is about."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from recomputed.inputs import Inputs, Row
from recomputed.records import latest
from recomputed.reports import References, Report
from recomputed.values import instant, start_of_day
from recomputed.working_time import DIVISIONS, HOME, Calendar, calendars

ENDS_OF_PROVIDERS = (
    "content_removed",
    "content_restricted",
    "content_restored",
    "account_suspended",
    "no_violation",
    "information_provided",
)


@dataclass(frozen=True)
class Answer:
    """One word of a target about an incident. ``outcome`` is what it ended with, if it did; type 0 is no outcome."""

    kind: str
    happened_at: datetime
    outcome: str | None = None
    passed_to: str | None = None
    """The force to which a case was transferred."""


@dataclass(frozen=True)
class Allocation:
    """An allocation as it was decided, with what was answered, the earliest first."""

    row: Row
    due_at: datetime | None
    action_due_at: datetime | None
    moved_on: str | None
    """returned or transferred, where the incident went on to another owner by a word of this one."""
    calendar: Calendar
    answers: list[Answer] = field(default_factory=list)

    @property
    def acknowledged_at(self) -> datetime | None:
        """The first answer of any kind: who answers has received it."""
        return self.answers[0].happened_at if self.answers else None

    @property
    def accepted_at(self) -> datetime | None:
        """When a force first accepted it, or ended it with an outcome without saying so before."""
        return next((each.happened_at for each in self.answers if each.kind in ("accepted", "outcome")), None)

    @property
    def outcome(self) -> Answer | None:
        """The latest outcome."""
        return next((each for each in reversed(self.answers) if each.outcome is not None), None)

    @property
    def is_questioned(self) -> bool:
        """Whether a provider asked for more."""
        return any(each.kind == "more_information_needed" for each in self.answers)

    def is_due(self, as_of: datetime) -> bool:
        """Answered, or past the time for it."""
        return bool(self.answers) or (self.due_at is not None and self.due_at < as_of)

    @property
    def is_in_time(self) -> bool:
        answered = self.acknowledged_at
        return answered is not None and self.due_at is not None and answered <= self.due_at

    def is_overdue(self, as_of: datetime) -> bool:
        """Nobody has answered in time, or nothing has followed the receipt in time. What was accepted, asked about,
        passed on or ended waits for nobody here."""
        if self.accepted_at or self.outcome or self.moved_on or self.is_questioned:
            return False
        limit = self.action_due_at if self.answers else self.due_at
        return limit is not None and limit < as_of

    def working_hours_to(self, moment: datetime) -> Decimal:
        return self.calendar.hours(self.row["allocated_at"], moment)


def read_allocations(inputs: Inputs, reports: list[Report], given: list[Row]) -> list[Allocation]:
    """All allocations to forces and providers with their answers."""
    by_division = calendars(inputs)
    rules = {(row["rule_id"], row["rule_version"]): row for row in inputs.seed("allocation_rules")}
    followed_by = {
        (row["incident_id"], row["sequence_number"] - 1): row["rule_id"] for row in given if row["duty"] == "owner"
    }
    by_incident: dict[str, list[Allocation]] = defaultdict(list)
    for row in sorted(given, key=lambda row: row["allocated_at"]):
        calendar = by_division[DIVISIONS.get(row["target_code"], HOME)]
        rule = rules[row["rule_id"], str(row["rule_version"])]
        by_incident[row["incident_id"]].append(
            Allocation(
                row=row,
                due_at=_due(rule, "sla_hours", row["allocated_at"], calendar),
                action_due_at=_due(rule, "action_hours", row["allocated_at"], calendar),
                moved_on=_moved_on(row, followed_by),
                calendar=calendar,
            )
        )
    references = References(reports)
    for incident_id, force, answer in answers_of_forces(inputs, references, reports):
        owner = _owner(by_incident[incident_id], force, answer)
        if owner is not None:
            owner.answers.append(answer)
    for row in latest(inputs, "provider_responses"):
        named = references.incident(row["report_ref"])
        group = by_incident.get(named, []) if named else []
        referral = asked([each.row for each in group], row)
        for each in group:
            if each.row is referral:
                outcome = row["kind"] if row["kind"] in ENDS_OF_PROVIDERS else None
                each.answers.append(Answer(row["kind"], instant(row["happened_at"]), outcome))
    found = [allocation for group in by_incident.values() for allocation in group]
    for allocation in found:
        allocation.answers.sort(key=lambda answer: answer.happened_at)
    return found


def _due(rule: Row, which: str, start: datetime, calendar: Calendar) -> datetime | None:
    """When the hours of a rule have passed, which are working hours or pass day and night."""
    if rule[which] is None:
        return None
    hours = int(rule[which])
    return calendar.add_hours(start, hours) if rule["sla_clock"] == "working" else start + timedelta(hours=hours)


def _moved_on(row: Row, followed_by: dict[tuple[str, int], str]) -> str | None:
    if row["duty"] != "owner":
        return None
    rule = followed_by.get((row["incident_id"], row["sequence_number"]))
    return {"returned": "returned", "returned_to_desk": "returned", "transferred": "transferred"}.get(rule or "")


def answers_of_forces(
    inputs: Inputs, references: References, reports: list[Report]
) -> Iterator[tuple[str, str, Answer]]:
    """A force answers the hub, or by its own records: what it has recorded it has accepted, and an outcome counts from
    the beginning of its day, but not before the recording."""
    for row in latest(inputs, "force_responses"):
        incident_id = references.incident(row["incident_ref"])
        if incident_id is not None:
            moment, passed_to = instant(row["happened_at"]), row["transferred_to_force_code"]
            outcome = None if row["outcome_code"] == "0" else row["outcome_code"]
            yield incident_id, row["force_code"], Answer(row["kind"], moment, outcome, passed_to)
    incident_of = {
        (report.force_named, report.crime_reference): report.incident_id
        for report in reports
        if report.feed == "police_hate_crimes"
    }
    for row in latest(inputs, "police_hate_crimes"):
        incident_id, recorded_at = incident_of[row["force_code"], row["crime_reference"]], instant(row["recorded_at"])
        yield incident_id, row["force_code"], Answer("accepted", recorded_at)
        if row["outcome_on"] is not None:
            moment = max(start_of_day(date.fromisoformat(row["outcome_on"])), recorded_at)
            outcome = None if row["outcome_code"] == "0" else row["outcome_code"]
            yield incident_id, row["force_code"], Answer("outcome", moment, outcome)


def _owner(group: list[Allocation], force: str, answer: Answer) -> Allocation | None:
    """Of a force that had the case twice, the later time that was before the answer."""
    own = [each for each in group if each.row["duty"] == "owner" and each.row["target_code"] == force]
    before = [each for each in own if each.row["allocated_at"] <= answer.happened_at]
    return before[-1] if before else next(iter(own), None)


def asked(referrals: list[Row], answer: Row) -> Row | None:
    """The referral that a provider answers, of those of an incident: the one by the route that it names; if none went
    by it, the one that it could answer so; else any that it was sent. Who was sent none answers none."""
    own = [
        row for row in referrals if row["target_kind"] == "provider" and row["target_code"] == answer["provider_code"]
    ]
    duty = "information" if answer["kind"] == "information_provided" else "removal"
    by_route = [row for row in own if row["route"] == answer["referral_route"]]
    return next(iter([*by_route, *(row for row in own if row["duty"] == duty), *own]), None)

"""What the hub's team did, hour by hour: CSV, a file a day. One inspector, one sergeant, three constables, half an
analyst; over their capacity, cases stay with the local forces and only triage is done here."""

import numpy as np

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cases import DECISIONS, Cases, day_of, days_after, end_of
from hub.simulate.cells import (
    SECONDS_A_DAY,
    Numbers,
    constant,
    drawn,
    london_times,
    numbered,
    numbers_up_to,
    pick,
    pick_from,
)
from hub.simulate.dirt import Dirt, soil
from hub.simulate.incidents import PROVIDERS
from hub.simulate.outcomes import OUTCOME_CODES
from hub.simulate.responses import ACCEPTED, OUTCOME, Answers
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.world import World

ACTIVITIES = (
    "triage", "suspect_enquiries", "evidence_package", "platform_notice", "allocation", "victim_acknowledgement",
    "needs_assessment", "victim_update", "complaint", "supervision", "training", "other",
)  # fmt: skip
TRIAGE, ENQUIRIES, PACKAGE, NOTICE, ALLOCATION, ACKNOWLEDGEMENT, ASSESSMENT, UPDATE, COMPLAINT = range(9)
SUPERVISION = 9
HOURS = (0.4, 2.5, 1.8, 0.3, 0.3, 0.25, 0.6, 0.3, 1.0, 2.0, 3.0, 1.0)
"""Mean hours of each activity."""
WITHIN_CAPACITY = 0.35
UPDATES = ("arrest", "release", "no_further_action", "charge", "no_investigation", "outcome")
ARREST, RELEASE, NO_ACTION, CHARGE, NO_INVESTIGATION, ENDED = range(6)
ROLES = ("detective_inspector", "detective_sergeant", "detective_constable", "analyst")
ROLE_SHARE = (0.03, 0.17, 0.68, 0.12)
OFFICERS = (("DI01",), ("DS01",), ("DC01", "DC02", "DC03"), ("AN01",))
NO_CASE_A_DAY = 3
TOLD_SHARE = 0.7
PLAIN = {"activity": "other", "decision": None, "detail_code": None}
ACTIVITY_DIRT = (
    Dirt("activity_ref.unique", same_as_before=("activity_ref",)),
    Dirt("activity_ref.pattern", {"activity_ref": "HA-today"}),
    Dirt("report_ref.given", {"report_ref": None, "activity": "allocation", "decision": None, "detail_code": None}),
    Dirt("role.known", {"role": "volunteer"}),
    Dirt("officer_code.required", {"officer_code": None}),
    Dirt("activity.known", {"activity": "lunch", "decision": None, "detail_code": None}),
    Dirt("decision.given", {"activity": "triage", "report_ref": "TV-00000001", "decision": None, "detail_code": None}),
    Dirt("decision.known", {"activity": "triage", "report_ref": "TV-00000001", "decision": "rude",
         "detail_code": None}),
    Dirt("decision.only_triage", {**PLAIN, "decision": "crime"}),
    Dirt("detail_code.given", {"activity": "victim_update", "report_ref": "TV-00000001", "decision": None,
         "detail_code": None}),
    Dirt("detail_code.only_updates", {**PLAIN, "detail_code": "charge"}),
    Dirt("started_at.type", {"started_at": "after the briefing"}),
    Dirt("hours.range", {"hours": "37.5"}),
    Dirt("hours.type", {"hours": "half an hour"}),
    Dirt("row.cells"),
)  # fmt: skip

type Deeds = tuple[Numbers, Numbers, Numbers, Numbers]
"""Incident (or -1), activity, detail (or -1) and second of each deed."""


def activity_rows(world: World, cases: Cases, answers: Answers) -> FeedRows:
    """Deeds of the team up to the plan's end."""
    chance = world.plan.chance("hub_activity")
    parts = [*_of_cases(world, cases, chance), _updates(answers, chance), _of_no_case(world, chance)]
    incident, activity, detail, at = (np.concatenate([part[place] for part in parts]) for place in range(4))
    order = np.argsort(at, kind="stable")
    order = order[at[order] < end_of(world)]
    incident, activity, detail, at = incident[order], activity[order], detail[order], at[order]
    count = len(incident)
    decided = np.where(activity == TRIAGE, cases.decision[np.maximum(incident, 0)], NOBODY)
    role = np.where(activity == SUPERVISION, 1, drawn(ROLE_SHARE, chance, count))
    officer = role * 3 + np.where(role == 2, chance.integers(0, 3, count), 0)
    quarters = np.maximum(1, np.round(chance.gamma(4, np.array(HOURS)[activity] / 4) * 4)).astype(np.int64)
    hours = [f"{number / 4:g}" for number in range(97)]
    cells = {
        "activity_ref": numbered("HA-", numbers_up_to(count)),
        "report_ref": pick_from(cases.references, incident),
        "role": pick(ROLES, role),
        "officer_code": pick([name for names in OFFICERS for name in [*names, *[""] * (3 - len(names))]], officer),
        "activity": pick(ACTIVITIES, activity),
        "decision": pick(DECISIONS, decided),
        "detail_code": pick(UPDATES, detail),
        "started_at": london_times(at),
        "hours": pick(hours, np.minimum(quarters, 40)),
        "changed_at": constant(None, count),
    }
    force = np.where(incident >= 0, world.incidents.force[np.maximum(incident, 0)], NOBODY)
    names = [f"hub_activity_{day}.csv" for day in world.plan.dates]
    rows = clean_rows("hub_activity", cells, names, day_of(world, at), Truth.of(incident, force))
    return soil(rows, ACTIVITY_DIRT, chance)


def _of_cases(world: World, cases: Cases, chance: np.random.Generator) -> list[Deeds]:
    """Triage of every case; of the crimes within capacity, all that follows up to the victim's acknowledgement."""
    incidents, count = world.incidents, world.incidents.count
    has_case = cases.decided_at < end_of(world)
    urgent = incidents.is_threat
    within = has_case & cases.is_crime(np.arange(count)) & (urgent | (chance.random(count) < WITHIN_CAPACITY))
    on_platform = (incidents.platform >= 0) & (incidents.platform < PROVIDERS)
    victim = incidents.victim >= 0
    draw = chance.random(count)
    deeds = (
        (TRIAGE, has_case, cases.decided_at),
        (ENQUIRIES, within & on_platform & (draw < 0.5), cases.decided_at + 600),
        (PACKAGE, within & (incidents.force >= 0) & (draw < 0.8), cases.sent_at - 60),
        (ALLOCATION, within & (incidents.force >= 0), cases.sent_at),
        (NOTICE, within & on_platform & (draw < 0.6), cases.sent_at),
        (ACKNOWLEDGEMENT, within & victim & (draw < 0.9), days_after(chance, cases.decided_at, 0.2)),
        (ASSESSMENT, within & victim & (draw < 0.6), days_after(chance, cases.decided_at, 0.6)),
    )
    return [_deeds(np.flatnonzero(mask), activity, at) for activity, mask, at in deeds]


def _updates(answers: Answers, chance: np.random.Generator) -> Deeds:
    """What victims are told after a force took their case up or ended it; some are told late, some never."""
    ended = answers.kind == OUTCOME
    arrested = (answers.kind == ACCEPTED) & (chance.random(len(ended)) < 0.04)
    rows = np.flatnonzero((ended | arrested) & (chance.random(len(ended)) < TOLD_SHARE * WITHIN_CAPACITY))
    code = answers.outcome[rows]
    charged = code == OUTCOME_CODES.index("1")
    unfit = np.isin(code, [OUTCOME_CODES.index(one) for one in ("9", "10", "14", "15", "16", "18", "21")])
    detail = np.where(charged, CHARGE, np.where(unfit, NO_ACTION, ENDED))
    detail = np.where(arrested[rows], ARREST, detail)
    mean = np.where(chance.random(len(rows)) < 0.8, 0.6, 6.0)
    at = answers.happened_at[rows] + 600 + (chance.exponential(1.0, len(rows)) * mean * SECONDS_A_DAY).astype(np.int64)
    return answers.incident[rows], np.full(len(rows), UPDATE), detail, at


def _of_no_case(world: World, chance: np.random.Generator) -> Deeds:
    """Supervision, training and the rest, some on every day."""
    day = np.repeat(np.arange(world.plan.days), NO_CASE_A_DAY) + world.plan.start.toordinal() - EPOCH_ORDINAL
    count = len(day)
    nothing = np.full(count, NOBODY)
    return nothing, chance.integers(COMPLAINT, len(ACTIVITIES), count), nothing, day * SECONDS_A_DAY + 9 * 3600


def _deeds(incident: Numbers, activity: int, at: Numbers) -> Deeds:
    return incident, np.full(len(incident), activity), np.full(len(incident), NOBODY), at[incident]

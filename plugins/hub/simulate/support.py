"""What victim support services do for victims, event by event: CSV, a file a day."""

import numpy as np
import pyarrow as pa

from hub.simulate.cases import Cases, day_of, days_after, end_of
from hub.simulate.cells import (
    SECONDS_A_DAY,
    Numbers,
    drawn,
    joined,
    london_times,
    numbered,
    numbers_up_to,
    only_where,
    pick,
    pick_from,
)
from hub.simulate.dirt import Dirt, soil
from hub.simulate.grades import FORCE, HOME, PLACE_NAMED
from hub.simulate.handwriting import (
    known,
    says_something,
    written_birth_dates,
    written_emails,
    written_names,
    written_phones,
    written_postcodes,
)
from hub.simulate.report_columns import reference_of
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.world import World

OFFERED_SHARE = 0.16
"""Of the incidents with a victim, so many reach a service."""
SERVICES = ("victim_support", "galop", "cst", "tell_mama", "catch", "stop_hate_uk")
KINDS = ("needs_assessed", "offered", "consented", "declined", "referred", "contacted", "engaged", "closed")
ASSESSED, OFFERED, CONSENTED, DECLINED, REFERRED, CONTACTED, ENGAGED, CLOSED = range(8)
DECLINES, SILENT = 0.22, 0.10
"""Of those who are offered support so many decline, and so many never say."""
STEPS = (
    (ASSESSED, 0.4, 0.92), (OFFERED, 0.2, 0.97), (CONSENTED, 0.6, 0.95), (REFERRED, 1.2, 0.93), (CONTACTED, 1.5, 0.88),
    (ENGAGED, 6.0, 0.75), (CLOSED, 40.0, 0.85),
)  # fmt: skip
"""Each step with its mean days after the one before, and how often it is taken and recorded."""
LATE_STEP, LATE_DAYS = 0.08, 12
REASONS, REASON_SHARE = ("needs_met", "withdrew", "no_contact", "referred_on", "other"), (0.55, 0.15, 0.15, 0.1, 0.05)
RECORDED_LATE = 0.05
SUPPORT_DIRT = (
    Dirt("event_ref.unique", same_as_before=("service_code", "event_ref")),
    Dirt("event_ref.pattern", {"event_ref": "VS7"}),
    Dirt("service_code.known", {"service_code": "helpline"}),
    Dirt("client_ref.required", {"client_ref": None}),
    Dirt("kind.known", {"kind": "telephoned", "closing_reason": None}),
    Dirt("happened_at.type", {"happened_at": "Monday"}),
    Dirt("recorded_at.afterwards", {"recorded_at": "2016-01-01T00:00:00+00:00"}),
    Dirt("closing_reason.given", {"kind": "closed", "closing_reason": None}),
    Dirt("closing_reason.only_closed", {"kind": "engaged", "closing_reason": "needs_met"}),
    Dirt("victim_postcode.format", {"victim_postcode": "London"}),
    Dirt("victim_email.format", {"victim_email": "none"}),
    Dirt("victim_phone.format", {"victim_phone": "none"}),
    Dirt("row.cells"),
)  # fmt: skip


def support_rows(world: World, cases: Cases) -> FeedRows:
    """Events up to the plan's end, each with what the service knows of the victim."""
    chance = world.plan.chance("victim_support_events")
    incident, kind, happened_at = _events(world, cases, chance)
    count = len(incident)
    late = (chance.random(count) < RECORDED_LATE) * chance.integers(1, 15, count) * SECONDS_A_DAY
    recorded_at = happened_at + chance.integers(300, 7200, count) + late
    # What is recorded after the plan's end is not delivered any more.
    kept = np.flatnonzero(recorded_at < end_of(world))
    incident, kind, happened_at, recorded_at = incident[kept], kind[kept], happened_at[kept], recorded_at[kept]
    count = len(incident)
    service = incident * 31 % 7 % len(SERVICES)
    victim = world.incidents.victim[incident]
    quoted = np.where((world.recorded_at[incident] < happened_at) & (chance.random(count) < 0.4), incident, NOBODY)
    tells = np.where(chance.random(count) < 0.85, incident, NOBODY)
    prefix = pick([f"{service[:2].upper()}-" for service in SERVICES], service)
    cells = {
        "event_ref": numbered("VS-", numbers_up_to(count)),
        "service_code": pick(SERVICES, service),
        "client_ref": joined(prefix, numbered("C", victim + 1, 7)),
        "report_ref": pick_from(cases.references, tells),
        "crime_reference": reference_of(world.incidents, quoted),
        "kind": pick(KINDS, kind),
        "happened_at": london_times(happened_at),
        "recorded_at": london_times(recorded_at),
        "closing_reason": only_where(kind == CLOSED, pick(REASONS, drawn(REASON_SHARE, chance, count))),
        **_personal(world, incident, victim, happened_at // SECONDS_A_DAY, chance),
    }
    personal = [values for name, values in cells.items() if name.startswith("victim_")]
    truth = Truth.of(incident, world.incidents.force[incident], np.where(says_something(*personal), victim, NOBODY))
    names = [f"victim_support_events_{day}.csv" for day in world.plan.dates]
    rows = clean_rows("victim_support_events", cells, names, day_of(world, recorded_at), truth)
    return soil(rows, SUPPORT_DIRT, chance)


def _personal(
    world: World, incident: Numbers, victim: Numbers, day: Numbers, chance: np.random.Generator
) -> dict[str, pa.Array]:
    """What a service writes down of its client; the home only where the incident's evidence may rest on it."""
    people = world.people
    may_tell_home = np.isin(world.grades[incident], (PLACE_NAMED, HOME, FORCE))
    home = np.where(may_tell_home, victim, NOBODY)
    return {
        "victim_name": known(chance, 0.97, written_names(chance, people, victim, day)),
        "victim_date_of_birth": known(chance, 0.8, written_birth_dates(chance, people, victim)),
        "victim_postcode": known(
            chance, 0.8, written_postcodes(chance, people, home, world.incidents.home_day[incident])
        ),
        "victim_email": known(chance, 0.6, written_emails(chance, people, victim)),
        "victim_phone": known(chance, 0.7, written_phones(chance, people, victim)),
    }


def _events(world: World, cases: Cases, chance: np.random.Generator) -> tuple[Numbers, Numbers, Numbers]:
    """Incident, kind and second of each event, in the order of time. A step that is not taken ends the journey from the
    consent on; before that it is only not recorded."""
    has_victim = (world.incidents.victim >= 0) & (cases.decided_at < end_of(world))
    client = np.flatnonzero(has_victim & (chance.random(world.incidents.count) < OFFERED_SHARE))
    count = len(client)
    at = cases.decided_at[client]
    going = np.ones(count, dtype=bool)
    draw = chance.random(count)
    declines, silent = draw < DECLINES, (draw >= DECLINES) & (draw < DECLINES + SILENT)
    incidents, kinds, times = [], [], []
    for kind, days, share in STEPS:
        late = (chance.random(count) < LATE_STEP) * chance.integers(2, LATE_DAYS, count) * SECONDS_A_DAY
        at = days_after(chance, at, days) + late
        if kind == CONSENTED:
            going &= ~silent
        taken = going & (chance.random(count) < share)
        rows = np.flatnonzero(taken)
        incidents.append(client[rows])
        is_no = declines[rows] if kind == CONSENTED else np.zeros(len(rows), dtype=bool)
        kinds.append(np.where(is_no, DECLINED, kind))
        times.append(at[rows])
        if kind >= CONSENTED:
            going = taken & ~declines
    incident, kind_of, happened_at = np.concatenate(incidents), np.concatenate(kinds), np.concatenate(times)
    order = np.argsort(happened_at, kind="stable")
    order = order[happened_at[order] < end_of(world)]
    return incident[order], kind_of[order], happened_at[order]

"""Hate crimes that forces recorded: CSV, a file a force and month. A crime that gets its outcome in a later month
is in that month's file once more."""

import numpy as np
import pyarrow as pa

from hub.simulate.addresses import written_addresses
from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import (
    SECONDS_A_DAY,
    Numbers,
    days_text,
    drawn,
    london_times,
    only_where,
    pick,
    pick_from,
)
from hub.simulate.dirt import Dirt, soil
from hub.simulate.grades import PLACE_NAMED
from hub.simulate.handwriting import known, says_something, written_birth_dates, written_names, written_postcodes
from hub.simulate.incidents import NO, PLATFORMS, YES
from hub.simulate.months import month_of
from hub.simulate.outcomes import HOME_OFFICE_OUTCOMES, OUTCOME_SHARE
from hub.simulate.report_columns import reference_of, strand_sets
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.world import World

WITH_HUB_REFERENCE, WITH_ADDRESS, WITH_AREA, UNSURE_ONLINE = 0.93, 0.85, 0.8, 0.10
TO_OUTCOME_DAYS = 35
OFFENCES = ("8M", "8P", "105B", "9B", "58J", "8L", "8Q", "8R", "3B", "9A", "66")
ONLINE_SHARE = (0.22, 0.0, 0.0, 0.12, 0.0, 0.16, 0.06, 0.34, 0.05, 0.04, 0.01)
OFFLINE_SHARE = (0.14, 0.08, 0.13, 0.38, 0.08, 0.05, 0.01, 0.02, 0.02, 0.08, 0.01)
NO_OUTCOME = {"outcome_code": "0", "outcome_on": None}
POLICE_DIRT = (
    Dirt("crime_reference.unique", same_as_before=("force_code", "crime_reference")),
    Dirt("crime_reference.pattern", {"crime_reference": "see log"}),
    Dirt("force_code.recording", {"force_code": "ABROAD"}),
    Dirt("recorded_at.type", {"recorded_at": "1 October 2026"}),
    Dirt("occurred_on.future", {"occurred_on": "2038-01-01", "occurred_to_on": None}),
    Dirt("occurred_to_on.in_order", {"occurred_on": "2015-05-05", "occurred_to_on": "2015-05-04"}),
    Dirt("occurred_to_on.has_beginning", {"occurred_on": None, "occurred_to_on": "2015-05-05"}),
    Dirt("offence_code.known", {"offence_code": "8X"}),
    Dirt("strands.known", {"strands": "race|football"}),
    Dirt("is_online.known", {"is_online": "Y", "platform": None}),
    Dirt("platform.online", {"is_online": "no", "platform": "x"}),
    Dirt("offence_lsoa_code.format", {"offence_lsoa_code": "E02000001"}),
    Dirt("hub_reference.pattern", {"hub_reference": "by e-mail"}),
    Dirt("victim_date_of_birth.type", {"victim_date_of_birth": "29 February 1988"}),
    Dirt("outcome_code.home_office", {"outcome_code": "apology", "outcome_on": None}),
    Dirt("outcome_on.given", {"outcome_code": "18", "outcome_on": None}),
    Dirt("outcome_on.after_recording", {"outcome_code": "18", "outcome_on": "2015-01-01"}),
    Dirt("row.cells"),
)  # fmt: skip


def police_rows(world: World, references: pa.Array, known_at: Numbers) -> FeedRows:
    """Records of forces. ``references`` is, for each incident, the report that the hub passed on, and ``known_at`` the
    second from which it could."""
    plan = world.plan
    chance = plan.chance("police_hate_crimes")
    midnight = (plan.end.toordinal() - EPOCH_ORDINAL + 1) * SECONDS_A_DAY
    incident = np.flatnonzero(world.recorded_at < midnight)
    recorded_at = world.recorded_at[incident]
    count = len(incident)
    passed_on = (known_at[incident] < recorded_at) & (chance.random(count) < WITH_HUB_REFERENCE)
    cells = {
        **_crime(world, incident, chance),
        "hub_reference": pick_from(references, np.where(passed_on, incident, NOBODY)),
        **_victim(world, incident, chance),
    }
    outcome = drawn(OUTCOME_SHARE[: len(HOME_OFFICE_OUTCOMES)], chance, count)
    ends_at = recorded_at + (chance.exponential(TO_OUTCOME_DAYS, count) * SECONDS_A_DAY).astype(np.int64) + 3600
    ended = (outcome > 0) & (ends_at < midnight)
    month, end_month = month_of(plan, recorded_at), month_of(plan, ends_at)
    again = np.flatnonzero(ended & (end_month > month))
    at_once = ended & (end_month == month)
    row = np.concatenate([np.arange(count), again])
    is_ended = np.concatenate([at_once, np.ones(len(again), dtype=bool)])
    changed = np.concatenate([np.zeros(count, dtype=bool), np.ones(len(again), dtype=bool)])
    file_month = np.concatenate([month, end_month[again]])
    cells = {name: values.take(pa.array(row)) for name, values in cells.items()}
    about = says_something(cells["victim_name"], cells["victim_date_of_birth"], cells["victim_postcode"])
    cells |= {
        "outcome_code": pick(HOME_OFFICE_OUTCOMES, np.where(is_ended, outcome[row], 0)),
        "outcome_on": only_where(is_ended, days_text(ends_at[row] // SECONDS_A_DAY)),
        "changed_at": only_where(changed, london_times(ends_at[row])),
    }
    force = world.incidents.force[incident][row]
    files, file = np.unique(file_month * len(world.places.forces) + force, return_inverse=True)
    months = plan.months
    names = [
        f"police_hate_crimes_{world.places.forces[code % len(world.places.forces)]}_"
        f"{months[code // len(world.places.forces)]:%Y-%m}.csv"
        for code in files.tolist()
    ]
    victim = np.where(about, world.incidents.victim[incident][row], NOBODY)
    truth = Truth.of(incident[row], force, victim)
    return soil(clean_rows("police_hate_crimes", cells, names, file, truth), POLICE_DIRT, chance)


def _crime(world: World, incident: Numbers, chance: np.random.Generator) -> dict[str, pa.Array]:
    incidents, count = world.incidents, len(incident)
    online = incidents.online[incident]
    is_online = online == YES
    unsure = chance.random(count) < UNSURE_ONLINE
    offence = np.where(is_online, drawn(ONLINE_SHARE, chance, count), drawn(OFFLINE_SHARE, chance, count))
    direct = (world.grades[incident] == PLACE_NAMED) & (chance.random(count) < WITH_AREA)
    address = written_addresses(
        world.plan, incidents, incident, is_online & ~unsure & (chance.random(count) < WITH_ADDRESS)
    )
    return {
        "crime_reference": reference_of(incidents, incident),
        "force_code": pick(world.places.forces, incidents.force[incident]),
        "recorded_at": london_times(world.recorded_at[incident]),
        **_period(world, incident, chance),
        "offence_code": pick(OFFENCES, offence),
        "strands": pick(strand_sets("|".join), incidents.strands[incident]),
        "is_online": pick(["yes", "no", "unknown"], np.where(unsure, 2, online)),
        "platform": pick(PLATFORMS, np.where(unsure | (online == NO), NOBODY, incidents.platform[incident])),
        "content_url": address,
        "offence_lsoa_code": world.places.lsoa_of(np.where(direct, incidents.place[incident], NOBODY), incident % 7919),
    }


def _period(world: World, incident: Numbers, chance: np.random.Generator) -> dict[str, pa.Array]:
    """From when to when: most crimes on one day, some over several, of a few nobody knows."""
    count = len(incident)
    begins = world.incidents.occurred_day[incident]
    ends = np.minimum(begins + chance.integers(1, 6, count), world.recorded_at[incident] // SECONDS_A_DAY)
    is_known = chance.random(count) < 0.97
    return {
        "occurred_on": only_where(is_known, days_text(begins)),
        "occurred_to_on": only_where(is_known & (chance.random(count) < 0.1) & (ends > begins), days_text(ends)),
    }


def _victim(world: World, incident: Numbers, chance: np.random.Generator) -> dict[str, pa.Array]:
    """Forces know most victims, and nearly always where they live."""
    person, people = world.incidents.victim[incident], world.people
    day = world.recorded_at[incident] // SECONDS_A_DAY
    return {
        "victim_name": known(chance, 0.9, written_names(chance, people, person, day)),
        "victim_date_of_birth": known(chance, 0.8, written_birth_dates(chance, people, person)),
        "victim_postcode": known(
            chance, 0.8, written_postcodes(chance, people, person, world.incidents.home_day[incident])
        ),
    }

"""Columns that several senders of reports have in common."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import (
    SECONDS_A_DAY,
    Mask,
    Numbers,
    days_text,
    drawn,
    either,
    joined,
    london_times,
    numbered,
    only_where,
    pick,
    revised,
)
from hub.simulate.grades import HOME
from hub.simulate.handwriting import (
    known,
    says_something,
    written_birth_dates,
    written_emails,
    written_names,
    written_phones,
    written_postcodes,
)
from hub.simulate.incidents import NO, PLATFORMS, STRANDS, UNKNOWN, Incidents
from hub.simulate.plan import Plan
from hub.simulate.rows import CLEAN, NOBODY, FeedRows, Truth, sent_again
from hub.simulate.world import World

AGAIN_SHARE, CORRECTED_SHARE = 0.003, 0.002
CORRECTED_AT = 20 * 3600
CORRECTION = " Corrected by the reporter."
CONSENTS = (("police", 0.84), ("anonymised", 0.95), ("support", 0.55), ("contact", 0.78))
WITNESS_KNOWS = 0.15
"""Witnesses seldom know who the victim was."""
OTHER_DAY, NO_DAY, OTHER_STRAND, NOT_SURE = 0.05, 0.04, 0.08, 0.04

type Cells = dict[str, pa.Array]


def in_words(answer: Mask, words: tuple[str, str]) -> pa.Array:
    """An answer in the sender's two words."""
    return either(answer, *words)


def time_columns(world: World, chance: np.random.Generator) -> Cells:
    """When it was reported and when it happened, as far as the reporter knows: a few are a day off, earlier."""
    count = world.reports.count
    day = world.incidents.occurred_day[world.reports.incident] - (chance.random(count) < OTHER_DAY)
    return {
        "reported_at": london_times(world.reports.reported_at),
        "occurred_on": known(chance, 1 - NO_DAY, days_text(day)),
    }


def content_columns(world: World, chance: np.random.Generator) -> Cells:
    """Whether it was online, where, at which address, and the story."""
    incidents, incident = world.incidents, world.reports.incident
    online = incidents.online[incident]
    unsure = (chance.random(len(online)) < NOT_SURE) & ~world.reports.has_address
    return {
        "is_online": pick(["yes", "no", "unknown"], np.where(unsure, UNKNOWN, online)),
        "platform": pick(PLATFORMS, np.where(unsure | (online == NO), NOBODY, incidents.platform[incident])),
        "content_url": world.addresses,
        "description": world.stories,
    }


def place_columns(world: World, references: pa.Array) -> Cells:
    """The place as far as the reporter gave it, and the police's reference where one is quoted."""
    clues, incident, places = world.clues, world.reports.incident, world.places
    place = world.incidents.place[incident]
    # A prime: the choice among the districts of a place does not go with the incident's other properties.
    choice = incident % 7919
    return {
        "offence_postcode_district": places.district_of(np.where(clues.has_district, place, NOBODY), choice),
        "offence_lsoa_code": places.lsoa_of(np.where(clues.has_area, place, NOBODY), choice),
        "borough_named": pick(places.lad_names, clues.borough),
        "force_named": pick(places.forces, clues.force),
        "crime_reference": references,
    }


def crime_references(world: World, chance: np.random.Generator) -> pa.Array:
    """The reference of the force that recorded the incident, where the reporter quotes it, mostly to the letter."""
    incident = world.reports.incident
    quoted = chance.random(len(incident)) < np.where(world.reports.is_first, 0.06, 0.25)
    references = reference_of(
        world.incidents, np.where(quoted & (world.recorded_at[incident] < world.reports.reported_at), incident, NOBODY)
    )
    draw = chance.random(len(incident))
    references = revised(draw < 0.1, references, pc.utf8_lower)
    return revised(draw > 0.85, references, lambda values: pc.replace_substring(values, "/", " "))


def reference_of(incidents: Incidents, incident: Numbers) -> pa.Array:
    """The reference under which a force recorded each incident: the force's number, then a running one. Null for -1."""
    safe = np.maximum(incident, 0)
    force = np.maximum(incidents.force[safe], 0)
    return only_where(incident >= 0, joined(numbered("CR", force, 2), "/", numbered("", safe + 1, 7)))


def reporter_columns(world: World, chance: np.random.Generator) -> Cells:
    """Name and contacts of the reporter."""
    who, day = world.reports.reporter, world.reports.reported_at // SECONDS_A_DAY
    return {
        "reporter_name": written_names(chance, world.people, who, day),
        "reporter_email": known(chance, 0.8, written_emails(chance, world.people, who)),
        "reporter_phone": known(chance, 0.6, written_phones(chance, world.people, who)),
    }


def victim_columns(world: World, chance: np.random.Generator, shares: dict[str, float]) -> Cells:
    """What the report says of the victim; ``shares`` says how often each column is given, ``victim_postcode`` among
    them. An anonymous victim gives no name, and the first report of an incident of which only the home is known gives
    that."""
    reports, people = world.reports, world.people
    person = world.incidents.victim[reports.incident]
    knows = np.where(reports.is_victim | (chance.random(reports.count) < WITNESS_KNOWS), person, NOBODY)
    hidden = reports.is_victim & (reports.reporter < 0)
    named = np.where(hidden, NOBODY, knows)
    day = reports.reported_at // SECONDS_A_DAY
    home_day = world.incidents.home_day[reports.incident]
    must_tell_home = (world.grades[reports.incident] == HOME) & reports.is_first
    home = np.where(world.clues.may_tell_home & (knows >= 0) | must_tell_home, person, NOBODY)
    written = {
        "victim_name": lambda: written_names(chance, people, named, day),
        "victim_email": lambda: written_emails(chance, people, named),
        "victim_phone": lambda: written_phones(chance, people, named),
        "victim_date_of_birth": lambda: written_birth_dates(chance, people, named),
        "victim_postcode": lambda: written_postcodes(chance, people, home, home_day),
    }
    given = {
        name: np.where(must_tell_home, 1.0, share) if name == "victim_postcode" else share
        for name, share in shares.items()
    }
    return {name: known(chance, given[name], written[name]()) for name in shares}


def strand_column(world: World, chance: np.random.Generator, written: Callable[[Sequence[str]], str]) -> pa.Array:
    """The strands as perceived: some reporters see another one beside those of the incident."""
    bits = world.incidents.strands[world.reports.incident]
    other = 1 << drawn([1] * len(STRANDS), chance, len(bits))
    perceived = np.where(chance.random(len(bits)) < OTHER_STRAND, bits | other, bits)
    return pick(strand_sets(written), perceived)


def strand_sets(written: Callable[[Sequence[str]], str]) -> list[str]:
    """Every set of strands as the sender writes it, by its bits."""
    sets = [[code for place, code in enumerate(STRANDS) if bits & (1 << place)] for bits in range(1 << len(STRANDS))]
    return [written(codes) for codes in sets]


def truth_of(world: World, cells: Cells) -> Truth:
    """What is true of each report; the victim only where the record says something of them."""
    reports = world.reports
    about = says_something(*[values for name, values in cells.items() if name.startswith("victim_")])
    if "reporter_name" in cells:
        own = says_something(*[values for name, values in cells.items() if name.startswith("reporter_")
                               and name != "reporter_is_victim"])  # fmt: skip
        about |= reports.is_victim & own
    incident = reports.incident
    victim = np.where(about, world.incidents.victim[incident], NOBODY)
    return Truth(incident, victim, world.incidents.force[incident], reports.known_at)


def again_and_corrected(plan: Plan, rows: FeedRows, chance: np.random.Generator) -> FeedRows:
    """Some right records come once more in the next file, letter by letter; others come corrected."""
    free = np.flatnonzero((rows.broken_rule == CLEAN) & (rows.file < plan.days - 1))
    share = AGAIN_SHARE + CORRECTED_SHARE
    chosen = np.sort(chance.choice(free, min(len(free), round(rows.count * share)), replace=False))
    corrected = chance.random(len(chosen)) < CORRECTED_SHARE / share
    files = rows.file[chosen] + 1
    evening = (plan.start.toordinal() - EPOCH_ORDINAL + files) * SECONDS_A_DAY + CORRECTED_AT
    cells = rows.cells.take(pa.array(chosen))
    words = pc.if_else(
        pa.array(corrected), pc.binary_join_element_wise(cells["description"], CORRECTION, ""), cells["description"]
    )
    times = pc.if_else(pa.array(corrected), london_times(evening), cells["reported_at"])
    for name, values in (("description", words), ("reported_at", times)):
        cells = cells.set_column(cells.schema.get_field_index(name), name, values)
    return sent_again(rows, chosen, files, cells)

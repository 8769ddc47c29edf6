"""Reports in the form of their senders: the police portal's CSV and the community bodies' JSON Lines."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.cells import (
    SECONDS_A_DAY,
    TEXT,
    Mask,
    Numbers,
    days_text,
    either,
    joined,
    london_times,
    numbered,
    only_where,
    pick,
    pick_from,
)
from hub.simulate.dirt import Dirt, soil
from hub.simulate.incidents import EPOCH_ORDINAL, NO, PLATFORMS, STRANDS, YES, Incidents
from hub.simulate.people import People, known, written_names
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.reports import Reports
from hub.simulate.rows import FeedRows, Truth, clean_rows, sent_again
from hub.simulate.texts import describe

SEQUENCE_START = 735_964
"""Deliveries of the portal are numbered by the day since the start of 2016, so that a missing day is a gap."""
AGAIN_SHARE, CORRECTED_SHARE = 0.003, 0.002
CORRECTED_AT = 20 * 3600
CORRECTION = " Corrected by the reporter."
BODIES = (("stop_hate_uk", "SHUK"), ("cst", "CST"), ("tell_mama", "TM"), ("galop", "GAL"), ("catch", "CAT"))
CONSENTS = (("police", 0.84), ("anonymised", 0.95), ("support", 0.55), ("contact", 0.78))

PORTAL_DIRT = (
    Dirt("report_ref.unique", same_as_before="report_ref"),
    Dirt("report_ref.pattern", {"report_ref": "TV"}),
    Dirt("reported_at.type", {"reported_at": "31/10/2026 09:15"}),
    Dirt("reported_at.required", {"reported_at": None}),
    Dirt("occurred_on.type", {"occurred_on": "2026-02-30"}),
    Dirt("occurred_on.before_report", {"occurred_on": "2038-01-01"}),
    Dirt("strands.known", {"strands": "race|football"}),
    Dirt("strands.required", {"strands": None}),
    Dirt("is_online.known", {"is_online": "maybe"}),
    Dirt("platform.known", {"is_online": "yes", "platform": "myspace2"}),
    Dirt("platform.online", {"is_online": "no", "platform": "facebook"}),
    Dirt("description.required", {"description": None}),
    Dirt("description.length", {"description": "and again " * 401}),
    Dirt("offence_lsoa_code.pattern", {"offence_lsoa_code": "E02000001"}),
    Dirt("force_named.known", {"force_named": "Met"}),
    Dirt("consent_share_police.required", {"consent_share_police": None}),
    Dirt("consent_refer_support.known", {"consent_refer_support": "true"}),
    Dirt("reporter_email.anonymous", {"is_anonymous": "yes", "reporter_email": "a.reporter@example.org",
         "reporter_name": None, "reporter_phone": None, "consent_contact": "no"}),
    Dirt("victim_date_of_birth.type", {"victim_date_of_birth": "29 February 1988"}),
    Dirt("row.cells"),
)  # fmt: skip
COMMUNITY_DIRT = (
    Dirt("case_ref.unique", same_as_before="case_ref"),
    Dirt("body_code.known", {"body_code": "sports_club"}),
    Dirt("reported_at.type", {"reported_at": "yesterday"}),
    Dirt("strands.type", {"strands": '"religion"'}),
    Dirt("strands.known", {"strands": '["religion","age"]'}),
    Dirt("description.required", {"description": None}),
    Dirt("platform.known", {"is_online": "yes", "platform": "fax"}),
    Dirt("victim_phone.pattern", {"victim_phone": "none given"}),
    Dirt("victim_postcode.pattern", {"victim_postcode": "London"}),
    Dirt("consent_contact.required", {"consent_contact": None}),
    Dirt("consent_share_police.type", {"consent_share_police": '"yes"'}),
    Dirt("row.json"),
    Dirt("row.unknown_key"),
)


@dataclass(frozen=True)
class World:
    """What there is to report about, and by whom."""

    plan: Plan
    places: Places
    people: People
    incidents: Incidents


def portal_rows(world: World, reports: Reports) -> FeedRows:
    """Reports through the police portal, a file a day."""
    chance = world.plan.chance("true_vision_reports")
    count = reports.count
    anonymous = reports.reporter < 0
    named = ~anonymous
    consents = {name: chance.random(count) < share for name, share in CONSENTS}
    yes_no = ("yes", "no")
    cells = {
        "report_ref": numbered("TV-", np.arange(1, count + 1)),
        **_when(world, reports, chance),
        "is_anonymous": _said(anonymous, yes_no),
        "reporter_is_victim": _said(reports.is_victim, yes_no),
        **_reporter(world, reports, chance),
        "victim_name": known(chance, 0.9, _of_victim(world, reports, chance, "name")),
        "victim_date_of_birth": known(chance, 0.6, _of_victim(world, reports, chance, "birth_date")),
        "victim_postcode": known(chance, 0.7, _of_victim(world, reports, chance, "postcode")),
        "strands": _strands(world, reports, "|".join),
        **_what(world, reports, chance),
        **_where(world, reports, chance),
        "is_threat_to_life": _said(world.incidents.is_threat[reports.incident], yes_no),
        "consent_share_police": _said(consents["police"], yes_no),
        "consent_share_anonymised": _said(consents["anonymised"], yes_no),
        "consent_refer_support": _said(consents["support"], yes_no),
        "consent_contact": _said(consents["contact"] & named, yes_no),
    }
    names = [f"true_vision_{day}_{day.toordinal() - SEQUENCE_START:06}.csv" for day in world.plan.dates]
    rows = clean_rows("true_vision_reports", cells, names, reports.delivered_on, _truth(world, reports))
    return _again_and_corrected(world.plan, soil(rows, PORTAL_DIRT, chance), chance)


def community_rows(world: World, reports: Reports) -> FeedRows:
    """Reports through community bodies, a file a day; lists and truth values as JSON."""
    chance = world.plan.chance("community_reports")
    count = reports.count
    body = _bodies(world, reports, chance)
    consents = {name: chance.random(count) < share for name, share in CONSENTS}
    truth_values = ("true", "false")
    cells = {
        "body_code": pick([code for code, _ in BODIES], body),
        "case_ref": numbered(joined(pick([prefix for _, prefix in BODIES], body), "-"), np.arange(1, count + 1)),
        **_when(world, reports, chance),
        "strands": _strands(world, reports, lambda codes: json.dumps(list(codes))),
        **_what(world, reports, chance),
        **_reporter(world, reports, chance),
        "victim_name": known(chance, 0.9, _of_victim(world, reports, chance, "name")),
        "victim_email": known(chance, 0.5, _of_victim(world, reports, chance, "email")),
        "victim_phone": known(chance, 0.6, _of_victim(world, reports, chance, "phone")),
        "victim_date_of_birth": known(chance, 0.5, _of_victim(world, reports, chance, "birth_date")),
        "victim_postcode": known(chance, 0.7, _of_victim(world, reports, chance, "postcode")),
        **_where(world, reports, chance),
        "is_threat_to_life": _said(world.incidents.is_threat[reports.incident], truth_values),
        **{
            f"consent_{purpose}": _said(consents[name], truth_values)
            for purpose, name in zip(
                ("share_police", "share_anonymised", "refer_support", "contact"), consents, strict=True
            )
        },
    }
    names = [f"community_reports_{day}.jsonl" for day in world.plan.dates]
    rows = clean_rows("community_reports", cells, names, reports.delivered_on, _truth(world, reports))
    return _again_and_corrected(world.plan, soil(rows, COMMUNITY_DIRT, chance), chance)


def _said(answer: Mask, words: tuple[str, str]) -> pa.Array:
    return either(answer, *words)


def _truth(world: World, reports: Reports) -> Truth:
    incident = reports.incident
    return Truth(incident, world.incidents.victim[incident], world.incidents.force[incident])


def _when(world: World, reports: Reports, chance: np.random.Generator) -> dict[str, pa.Array]:
    return {
        "reported_at": london_times(reports.reported_at),
        "occurred_on": known(chance, 0.97, days_text(world.incidents.occurred_day[reports.incident])),
    }


def _what(world: World, reports: Reports, chance: np.random.Generator) -> dict[str, pa.Array]:
    incidents, incident = world.incidents, reports.incident
    online = incidents.online[incident]
    address = joined("https://social.example.org/post/", pa.array(incident * 7 + 1_000).cast(TEXT))
    return {
        "is_online": pick(["yes", "no", "unknown"], online),
        "platform": pick(PLATFORMS, incidents.platform[incident]),
        "content_url": only_where((online == YES) & (chance.random(reports.count) < 0.75), address),
        "description": describe(chance, incidents.kind[incident], online != NO, incidents.is_threat[incident]),
    }


def _where(world: World, reports: Reports, chance: np.random.Generator) -> dict[str, pa.Array]:
    """The place as far as the reporter gave it: exact, only the borough, only the force, or nothing at all."""
    incidents, incident = world.incidents, reports.incident
    place = incidents.place[incident]
    knows = chance.random(reports.count)
    exact = np.where(knows < 0.55, place, -1)
    choice = incidents.kind[incident]
    force = np.where(chance.random(reports.count) < 0.45, incidents.force[incident], -1)
    return {
        "offence_postcode_district": world.places.district_of(np.where(knows < 0.85, place, -1), choice),
        "offence_lsoa_code": world.places.lsoa_of(exact, choice),
        "borough_named": known(chance, 0.8, pick(world.places.lad_names, place)),
        "force_named": pick(world.places.forces, force),
        "crime_reference": known(chance, 0.05, numbered("CR/", chance.integers(1, 999_999, reports.count), 7)),
    }


def _reporter(world: World, reports: Reports, chance: np.random.Generator) -> dict[str, pa.Array]:
    people, who = world.people, reports.reporter
    return {
        "reporter_name": written_names(chance, people, who),
        "reporter_email": known(chance, 0.8, pick_from(people.emails, who)),
        "reporter_phone": known(chance, 0.6, pick_from(people.phones, who)),
    }


def _of_victim(world: World, reports: Reports, chance: np.random.Generator, what: str) -> pa.Array:
    """What the report says of the victim; witnesses seldom know who it was."""
    victim = world.incidents.victim[reports.incident]
    told = np.where(reports.is_victim | (chance.random(reports.count) < 0.15), victim, -1)
    if what == "name":
        return written_names(chance, world.people, told)
    columns = {
        "email": world.people.emails,
        "phone": world.people.phones,
        "birth_date": world.people.birth_dates,
        "postcode": world.people.postcodes,
    }
    return pick_from(columns[what], told)


def _strands(world: World, reports: Reports, written: Callable[[Sequence[str]], str]) -> pa.Array:
    sets = [[code for place, code in enumerate(STRANDS) if bits & 1 << place] for bits in range(1 << len(STRANDS))]
    return pick([written(codes) for codes in sets], world.incidents.strands[reports.incident])


def _bodies(world: World, reports: Reports, chance: np.random.Generator) -> Numbers:
    """Which body took the report: each serves its own communities, Stop Hate UK all of them."""
    strands = world.incidents.strands[reports.incident]
    religion = np.where(chance.random(reports.count) < 0.5, 1, 2)
    own = np.where(strands & 0b00010, religion, np.where(strands & 0b10100, 3, 0))
    draw = chance.random(reports.count)
    return np.where(draw < 0.15, 0, np.where(draw < 0.22, 4, own))


def _again_and_corrected(plan: Plan, rows: FeedRows, chance: np.random.Generator) -> FeedRows:
    """Some right records come once more in the next file, letter by letter; others come corrected."""
    free = np.flatnonzero((rows.rule < 0) & (rows.file < plan.days - 1))
    share = AGAIN_SHARE + CORRECTED_SHARE
    chosen = np.sort(chance.choice(free, min(len(free), round(rows.count * share)), replace=False))
    corrected = chance.random(len(chosen)) < CORRECTED_SHARE / share
    files = rows.file[chosen] + 1
    evening = (plan.start.toordinal() - EPOCH_ORDINAL + files) * SECONDS_A_DAY + CORRECTED_AT
    cells = rows.cells.take(pa.array(chosen))
    words = pc.if_else(pa.array(corrected), joined(cells["description"], CORRECTION), cells["description"])
    times = pc.if_else(pa.array(corrected), london_times(evening), cells["reported_at"])
    for name, values in (("description", words), ("reported_at", times)):
        cells = cells.set_column(cells.schema.get_field_index(name), name, values)
    return sent_again(rows, chosen, files, cells)

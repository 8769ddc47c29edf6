"""Reports through community bodies: JSON Lines, a file a day; lists and truth values are JSON."""

import json

import numpy as np

from hub.simulate.cells import Numbers, joined, numbered, numbers_up_to, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.report_columns import (
    CONSENTS,
    again_and_corrected,
    content_columns,
    crime_references,
    in_words,
    place_columns,
    reporter_columns,
    strand_column,
    time_columns,
    truth_of,
    victim_columns,
)
from hub.simulate.rows import FeedRows, clean_rows
from hub.simulate.world import World

BODIES = (("stop_hate_uk", "SHUK"), ("cst", "CST"), ("tell_mama", "TM"), ("galop", "GAL"), ("catch", "CAT"))
SAID_OF_VICTIM = {
    "victim_name": 0.9, "victim_email": 0.5, "victim_phone": 0.6, "victim_date_of_birth": 0.5, "victim_postcode": 0.7,
}  # fmt: skip
TRUE_FALSE = ("true", "false")
JSON_COLUMNS = frozenset(
    {
        "strands",
        "is_threat_to_life",
        "consent_share_police",
        "consent_share_anonymised",
        "consent_refer_support",
        "consent_contact",
    }
)
COMMUNITY_DIRT = (
    Dirt("case_ref.unique", same_as_before=("body_code", "case_ref")),
    Dirt("body_code.known", {"body_code": "sports_club"}),
    Dirt("reported_at.type", {"reported_at": "yesterday"}),
    Dirt("strands.type", {"strands": '"religion"'}),
    Dirt("strands.known", {"strands": '["religion","age"]'}),
    Dirt("description.required", {"description": None}),
    Dirt("platform.known", {"is_online": "yes", "platform": "fax"}),
    Dirt("victim_phone.format", {"victim_phone": "none given"}),
    Dirt("victim_postcode.format", {"victim_postcode": "London"}),
    Dirt("consent_contact.required", {"consent_contact": None}),
    Dirt("consent_share_police.type", {"consent_share_police": '"yes"'}),
    Dirt("row.json"),
    Dirt("row.unknown_key"),
)


def community_rows(world: World) -> FeedRows:
    """Reports of community bodies; ``world`` has theirs alone."""
    chance = world.plan.chance("community_reports")
    reports = world.reports
    body = _bodies(world, chance)
    consents = {name: chance.random(reports.count) < share for name, share in CONSENTS}
    prefix = pick([prefix for _, prefix in BODIES], body)
    cells = {
        "body_code": pick([code for code, _ in BODIES], body),
        "case_ref": numbered(joined(prefix, "-"), numbers_up_to(reports.count)),
        **time_columns(world, chance),
        "strands": strand_column(world, chance, lambda codes: json.dumps(list(codes))),
        **content_columns(world, chance),
        **reporter_columns(world, chance),
        **victim_columns(world, chance, SAID_OF_VICTIM),
        **place_columns(world, crime_references(world, chance)),
        "is_threat_to_life": in_words(world.incidents.is_threat[reports.incident], TRUE_FALSE),
        "consent_share_police": in_words(consents["police"], TRUE_FALSE),
        "consent_share_anonymised": in_words(consents["anonymised"], TRUE_FALSE),
        "consent_refer_support": in_words(consents["support"], TRUE_FALSE),
        "consent_contact": in_words(consents["contact"], TRUE_FALSE),
    }
    names = [f"community_reports_{day}.jsonl" for day in world.plan.dates]
    # The bodies' form does not say who the victim is: what is known of the reporter is not known of the victim.
    about = {name: values for name, values in cells.items() if not name.startswith("reporter_")}
    rows = clean_rows("community_reports", cells, names, reports.delivered_on, truth_of(world, about))
    return again_and_corrected(world.plan, soil(rows, COMMUNITY_DIRT, chance), chance)


def _bodies(world: World, chance: np.random.Generator) -> Numbers:
    """Which body took the report: each serves its own communities, Stop Hate UK all of them."""
    reports = world.reports
    perceived = world.incidents.strands[reports.incident]
    religion = np.where(chance.random(reports.count) < 0.5, 1, 2)
    own = np.where(perceived & 0b00010, religion, np.where(perceived & 0b10100, 3, 0))
    draw = chance.random(reports.count)
    return np.where(draw < 0.15, 0, np.where(draw < 0.22, 4, own))

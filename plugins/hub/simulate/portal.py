"""Reports through the police portal: CSV, a file a day."""

from hub.simulate.cells import numbered, numbers_up_to
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

SEQUENCE_START = 735_964
"""Deliveries of the portal are numbered by the day since the start of 2016, so that a missing day is a gap."""
SAID_OF_VICTIM = {"victim_name": 0.9, "victim_date_of_birth": 0.6, "victim_postcode": 0.7}
YES_NO = ("yes", "no")
PORTAL_DIRT = (
    Dirt("report_ref.unique", same_as_before=("report_ref",)),
    Dirt("report_ref.pattern", {"report_ref": "TV"}),
    Dirt("reported_at.type", {"reported_at": "31/10/2026 09:15"}),
    Dirt("reported_at.required", {"reported_at": None}),
    Dirt("occurred_on.type", {"occurred_on": "2026-02-30"}),
    Dirt("occurred_on.future", {"occurred_on": "2038-01-01"}),
    Dirt("strands.known", {"strands": "race|football"}),
    Dirt("strands.required", {"strands": None}),
    Dirt("is_online.known", {"is_online": "maybe"}),
    Dirt("platform.known", {"is_online": "yes", "platform": "myspace2"}),
    Dirt("platform.online", {"is_online": "no", "platform": "facebook"}),
    Dirt("description.required", {"description": None}),
    Dirt("description.length", {"description": "and again " * 401}),
    Dirt("offence_lsoa_code.format", {"offence_lsoa_code": "E02000001"}),
    Dirt("force_named.known", {"force_named": "Met"}),
    Dirt("consent_share_police.required", {"consent_share_police": None}),
    Dirt("consent_refer_support.known", {"consent_refer_support": "true"}),
    Dirt("reporter_email.anonymous", {"is_anonymous": "yes", "reporter_email": "a.reporter@example.org",
         "reporter_name": None, "reporter_phone": None, "consent_contact": "no"}),
    Dirt("victim_date_of_birth.type", {"victim_date_of_birth": "29 February 1988"}),
    Dirt("row.cells"),
)  # fmt: skip


def portal_rows(world: World) -> FeedRows:
    """Reports of the portal; ``world`` has its reports alone."""
    chance = world.plan.chance("true_vision_reports")
    reports = world.reports
    named = reports.reporter >= 0
    consents = {name: chance.random(reports.count) < share for name, share in CONSENTS}
    cells = {
        "report_ref": numbered("TV-", numbers_up_to(reports.count)),
        **time_columns(world, chance),
        "is_anonymous": in_words(~named, YES_NO),
        "reporter_is_victim": in_words(reports.is_victim, YES_NO),
        **reporter_columns(world, chance),
        **victim_columns(world, chance, SAID_OF_VICTIM),
        "strands": strand_column(world, chance, "|".join),
        **content_columns(world, chance),
        **place_columns(world, crime_references(world, chance)),
        "is_threat_to_life": in_words(world.incidents.is_threat[reports.incident], YES_NO),
        "consent_share_police": in_words(consents["police"], YES_NO),
        "consent_share_anonymised": in_words(consents["anonymised"], YES_NO),
        "consent_refer_support": in_words(consents["support"], YES_NO),
        "consent_contact": in_words(consents["contact"] & named, YES_NO),
    }
    names = [f"true_vision_{day}_{day.toordinal() - SEQUENCE_START:06}.csv" for day in world.plan.dates]
    rows = clean_rows("true_vision_reports", cells, names, reports.delivered_on, truth_of(world, cells))
    return again_and_corrected(world.plan, soil(rows, PORTAL_DIRT, chance), chance)

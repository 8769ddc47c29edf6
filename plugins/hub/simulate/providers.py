"""Answers of providers to what the hub referred to them: JSON Lines, a file a day."""

import numpy as np
import pyarrow as pa

from hub.simulate.addresses import account_names
from hub.simulate.cases import Cases, day_of, end_of
from hub.simulate.cells import Mask, Numbers, drawn, joined, london_times, numbered, numbers_up_to, only_where, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.grades import NOTHING, PROVIDER_ANSWER
from hub.simulate.incidents import PLATFORMS, PROVIDERS
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.world import World

MEDIAN_HOURS = (1.2, 3.9, 5.2, 5.2, 8.0, 94.0, 8.0, 3.9)
"""Of each provider, in the order of the platforms. The figures are the published medians of the first half of 2026; who
has which is made up, but for the slowest being far behind."""
SPREAD = 1.1
"""Standard deviation of the logarithm of the hours."""
REFERRED = 0.6
"""Of crimes on a platform that can be asked."""
NEVER_ANSWERED = 0.08
ACKNOWLEDGED_SHARE = 0.5
RESTORED_SHARE = 0.03
"""Of removed content."""
TELLS_SUSPECT = 0.10
"""Of referrals about a suspect whose place the provider knows, where nothing else would tell the place."""
KINDS = (
    "acknowledged", "content_removed", "content_restricted", "account_suspended", "no_violation",
    "more_information_needed", "content_restored", "information_provided",
)  # fmt: skip
ACKNOWLEDGED, REMOVED, RESTORED, INFORMATION = 0, 1, 6, 7
DEED_SHARE = (0.52, 0.10, 0.05, 0.26, 0.07)
ROUTES = (
    "user_flag", "priority_flagger", "dsa_article16_notice", "law_enforcement_portal", "emergency_disclosure", "ctiru",
    "report_harmful_content", "court_order",
)  # fmt: skip
ROUTE_SHARE = (0.10, 0.42, 0.30, 0.06, 0.0, 0.02, 0.10, 0.0)
PORTAL, EMERGENCY = 3, 4
COUNTRIES = ("US", "IE", "FR", "DE", "PL", "IN", "PK", "AU", "CA", "NG", "BR", "ES", "ZA", "NL", "TR", "ID")
PROVIDER_DIRT = (
    Dirt("response_ref.unique", same_as_before=("provider_code", "response_ref")),
    Dirt("response_ref.pattern", {"response_ref": "PR-7"}),
    Dirt("provider_code.known", {"provider_code": "myspace2"}),
    Dirt("report_ref.required", {"report_ref": None}),
    Dirt("referral_route.known", {"referral_route": "telephone"}),
    Dirt("kind.known", {"kind": "looked_at", "suspect_country_code": None, "suspect_force_code": None}),
    Dirt("happened_at.type", {"happened_at": "last week"}),
    Dirt("statement_uuid.only_restrictions", {"kind": "no_violation", "suspect_country_code": None,
         "suspect_force_code": None, "statement_uuid": "0b9e7f6a-8c1d-4e2f-9a3b-5c6d7e8f9a0b"}),
    Dirt("suspect_country_code.known", {"kind": "information_provided", "suspect_country_code": "UK",
         "suspect_force_code": None}),
    Dirt("suspect_country_code.only_information", {"kind": "no_violation", "suspect_country_code": "FR",
         "suspect_force_code": None}),
    Dirt("suspect_force_code.only_at_home", {"kind": "information_provided", "suspect_country_code": "FR",
         "suspect_force_code": "E23000001"}),
    Dirt("row.json"),
    Dirt("row.unknown_key"),
)  # fmt: skip


def provider_rows(world: World, cases: Cases) -> FeedRows:
    """Answers about the incidents that were referred, up to the plan's end."""
    chance = world.plan.chance("provider_responses")
    incident, kind, happened_at, route = _answers(world, cases, chance)
    count = len(incident)
    is_information = kind == INFORMATION
    suspect = np.where(is_information, world.incidents.suspect_force[incident], NOBODY)
    abroad = suspect == world.places.abroad
    country = np.where(abroad, incident % len(COUNTRIES), np.where(suspect >= 0, len(COUNTRIES), NOBODY))
    handle = joined("@", account_names(world.plan, world.incidents.account[incident]))
    cells = {
        "response_ref": numbered("PR-", numbers_up_to(count)),
        "provider_code": pick(PLATFORMS, world.incidents.platform[incident]),
        "report_ref": cases.reference(incident),
        "referral_route": pick(ROUTES, route),
        "kind": pick(KINDS, kind),
        "happened_at": london_times(happened_at),
        "statement_uuid": pa.nulls(count, pa.string()),
        "suspect_country_code": pick([*COUNTRIES, "GB"], country),
        "suspect_force_code": pick(world.places.forces, np.where(abroad, NOBODY, suspect)),
        "account_handle": only_where(is_information, handle),
    }
    names = [f"provider_responses_{day}.jsonl" for day in world.plan.dates]
    truth = Truth.of(incident, world.incidents.force[incident])
    rows = clean_rows("provider_responses", cells, names, day_of(world, happened_at), truth)
    return soil(rows, PROVIDER_DIRT, chance)


def _answers(world: World, cases: Cases, chance: np.random.Generator) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Incident, kind, second and route of each answer, in the order of time."""
    incidents, grades = world.incidents, world.grades
    has_provider = (incidents.platform >= 0) & (incidents.platform < PROVIDERS)
    asked = has_provider & cases.is_crime(np.arange(incidents.count)) & (cases.sent_at < end_of(world))
    must = grades == PROVIDER_ANSWER
    referred = np.flatnonzero(asked & (must | (chance.random(incidents.count) < REFERRED)))
    count = len(referred)
    median = np.array(MEDIAN_HOURS)[incidents.platform[referred]]
    route = np.where(incidents.is_threat[referred], EMERGENCY, drawn(ROUTE_SHARE, chance, count))
    sent_at = cases.sent_at[referred]
    act_at = sent_at + (median * np.exp(SPREAD * chance.standard_normal(count)) * 3600).astype(np.int64) + 60
    acknowledged_at = sent_at + ((act_at - sent_at) * chance.random(count)).astype(np.int64)
    answers = chance.random(count) >= NEVER_ANSWERED
    deed = REMOVED + drawn(DEED_SHARE, chance, count)
    # Information about a suspect comes by the portal, also from a provider that ignores referrals.
    tells = (incidents.suspect_force[referred] >= 0) & (grades[referred] != NOTHING)
    tells &= must[referred] | (chance.random(count) < TELLS_SUSPECT)
    restored = answers & (deed == REMOVED) & (chance.random(count) < RESTORED_SHARE)
    days_later = act_at + chance.integers(1, 20, count) * 86_400
    parts: list[tuple[Mask, Numbers, Numbers, Numbers]] = [
        (answers & (chance.random(count) < ACKNOWLEDGED_SHARE), np.full(count, ACKNOWLEDGED), acknowledged_at, route),
        (answers, deed, act_at, route),
        (restored, np.full(count, RESTORED), days_later, route),
        (tells, np.full(count, INFORMATION), act_at + chance.integers(3600, 4 * 86_400, count),
         np.where(route == EMERGENCY, EMERGENCY, PORTAL)),
    ]  # fmt: skip
    rows = [np.flatnonzero(mask) for mask, *_ in parts]
    incident = np.concatenate([referred[row] for row in rows])
    kind, at, by = (
        np.concatenate([part[place][row] for part, row in zip(parts, rows, strict=True)]) for place in (1, 2, 3)
    )
    order = np.argsort(at, kind="stable")
    order = order[at[order] < end_of(world)]
    return incident[order], kind[order], at[order], by[order]

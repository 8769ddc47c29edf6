"""Right answers to reports: of forces, providers, support services, and statements in the register."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from random import Random

from proofs.second_world.people_and_places import PLACES
from proofs.second_world.reports import World, community, police, true_vision, volunteer, written
from proofs.second_world.sent import Cells
from proofs.second_world.stories import PLATFORMS, tell

ROUTES = ("user_flag", "priority_flagger", "dsa_article16_notice", "law_enforcement_portal", "report_harmful_content")
RESTRICTIONS = ("content_removed", "content_restricted", "account_suspended")


def _of_a_report(world: World) -> tuple[str, datetime]:
    """The reference and time of a report; of one in ten no hub has ever heard."""
    if world.references and world.rng.random() < 0.9:
        return world.rng.choice(world.references)
    return f"TV-{world.number():08d}", world.moment()


def force(world: World) -> Cells:
    """What a force says of an incident."""
    rng, (reference, reported) = world.rng, _of_a_report(world)
    kind = rng.choice(("acknowledged", "accepted", "returned", "transferred", "outcome"))
    own, other = rng.sample(sorted({place.force for place in PLACES}), 2)
    return {
        "response_ref": f"FR-{world.number():010d}",
        "force_code": own,
        "allocation_ref": f"AL-{rng.randrange(1, world.size):08d}" if rng.random() < 0.8 else None,
        "incident_ref": reference,
        "kind": kind,
        "happened_at": written(rng, world.later(reported)),
        "reason": "The person who posts lives in another area." if kind == "returned" else None,
        "transferred_to_force_code": other if kind == "transferred" else None,
        "outcome_code": rng.choice(("1", "9", "14", "18", "apology")) if kind == "outcome" else None,
        "officer_name": rng.choice(world.people).name if rng.random() < 0.5 else None,
    }


def provider(world: World) -> Cells:
    """What a provider says of a referral."""
    rng, (reference, reported) = world.rng, _of_a_report(world)
    kind = rng.choice((*RESTRICTIONS, "acknowledged", "no_violation", "information_provided"))
    informs = kind == "information_provided"
    country = rng.choice(("GB", "GB", "IE", "US", None)) if informs else None
    return {
        "response_ref": f"PR-{world.number():08d}",
        "provider_code": rng.choice(PLATFORMS[:10]),
        "report_ref": reference,
        "referral_route": rng.choice(ROUTES),
        "kind": kind,
        "happened_at": written(rng, world.later(reported)),
        "statement_uuid": _uuid(rng) if kind in RESTRICTIONS and rng.random() < 0.5 else None,
        "suspect_country_code": country,
        "suspect_force_code": rng.choice(PLACES).force if country == "GB" else None,
        "account_handle": f"made_up_{rng.randrange(500)}" if rng.random() < 0.5 else None,
    }


def support(world: World) -> Cells:
    """A step of a support service with its client."""
    rng, (reference, reported) = world.rng, _of_a_report(world)
    kind = rng.choice(("needs_assessed", "offered", "consented", "referred", "contacted", "engaged", "closed"))
    happened, person = world.later(reported), rng.choice(world.people)
    return {
        "event_ref": f"VS-{world.number():08d}",
        "service_code": rng.choice(("victim_support", "galop", "cst", "tell_mama", "catch", "stop_hate_uk")),
        "client_ref": f"client {rng.randrange(1, world.size)}",
        "report_ref": reference if rng.random() < 0.8 else None,
        "crime_reference": None,
        "kind": kind,
        "happened_at": written(rng, happened),
        "recorded_at": written(rng, world.later(happened)),
        "closing_reason": rng.choice(("needs_met", "no_contact")) if kind == "closed" else None,
        "victim_name": person.name,
        "victim_date_of_birth": person.born.isoformat() if rng.random() < 0.5 else None,
        "victim_postcode": person.postcode if rng.random() < 0.5 else None,
        "victim_email": person.email if rng.random() < 0.5 else None,
        "victim_phone": person.phone if rng.random() < 0.3 else None,
    }


def statement(world: World) -> Cells:
    """A statement of reasons; what is not named here is empty."""
    rng, moment = world.rng, world.moment()
    illegal = rng.random() < 0.4
    grounds = ("Public order law of the country", "It stirs up hatred.") if illegal else ("House rule 4", "It insults.")
    prefix, ground = ("illegal_content_legal", "ILLEGAL") if illegal else ("incompatible_content", "INCOMPATIBLE")
    explained = "illegal_content_explanation" if illegal else "incompatible_content_explanation"
    return {
        "uuid": _uuid(rng),
        "decision_visibility": json.dumps(
            [f"DECISION_VISIBILITY_{rng.choice(('CONTENT_REMOVED', 'CONTENT_DISABLED'))}"]
        ),
        "account_type": "ACCOUNT_TYPE_PRIVATE",
        "decision_ground": f"DECISION_GROUND_{ground}_CONTENT",
        f"{prefix}_ground": grounds[0],
        explained: grounds[1],
        "category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "category_specification": json.dumps(
            [f"KEYWORD_{rng.choice(('HATE_SPEECH', 'DISCRIMINATION', 'DEFAMATION'))}"]
        ),
        "content_type": '["CONTENT_TYPE_TEXT"]',
        "content_language": rng.choice(("EN", "CY", "PL", None)),
        "content_date": moment.date().isoformat(),
        "territorial_scope": '["IE","FR"]',
        "application_date": world.later(moment).date().isoformat(),
        "decision_facts": tell(rng),
        "source_type": rng.choice(("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_VOLUNTARY")),
        "automated_detection": rng.choice(("Yes", "No")),
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "platform_name": rng.choice(("Wallbook", "Cliptok", "Chatterly")),
        "platform_uid": f"w-{world.number()}",
        "created_at": world.later(moment).strftime("%Y-%m-%d %H:%M:%S"),
    }


def _uuid(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


MAKERS: dict[str, Callable[[World], Cells]] = {
    "true_vision_reports": true_vision,
    "community_reports": community,
    "volunteer_reports": volunteer,
    "police_hate_crimes": police,
    "force_responses": force,
    "provider_responses": provider,
    "victim_support_events": support,
    "provider_statements": statement,
}
"""In the order in which they are made: answers refer to reports."""

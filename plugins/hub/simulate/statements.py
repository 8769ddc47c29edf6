"""Statements of reasons of providers, as the public register's daily dump publishes them."""

import json
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import SECONDS_A_DAY, TEXT, Mask, constant, days_text, only_where, pick, random_uuids, utc_times
from hub.simulate.dirt import Dirt, soil
from hub.simulate.plan import Plan
from hub.simulate.rows import FeedRows, Truth, clean_rows
from hub.simulate.texts import EXPLANATIONS, FACTS, LAWS, TERMS

STATEMENTS_A_REPORT = 0.6
STATEMENTS_A_DAY = 20
"""At least so many: the register publishes every day."""
PROVIDERS = ("Facebook", "Instagram", "TikTok", "X", "YouTube", "Snapchat", "Reddit", "Pinterest", "LinkedIn")
PROVIDER_SHARE = np.array([0.28, 0.20, 0.22, 0.10, 0.12, 0.03, 0.02, 0.02, 0.01])
SPEECH, CYBER, VIOLENCE = (
    "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "STATEMENT_CATEGORY_VIOLENCE",
)
TOPICS: Sequence[tuple[str, tuple[str, ...], float]] = (
    (SPEECH, ("KEYWORD_HATE_SPEECH",), 0.20),
    (SPEECH, ("KEYWORD_DISCRIMINATION",), 0.06),
    (SPEECH, ("KEYWORD_HATE_SPEECH", "KEYWORD_DISCRIMINATION"), 0.03),
    (SPEECH, ("KEYWORD_DEFAMATION",), 0.03),
    (CYBER, ("KEYWORD_CYBER_HARASSMENT",), 0.08),
    (CYBER, ("KEYWORD_CYBER_INCITEMENT",), 0.04),
    (CYBER, ("KEYWORD_CYBER_STALKING",), 0.02),
    (CYBER, ("KEYWORD_CYBER_BULLYING_INTIMIDATION",), 0.05),
    (VIOLENCE, ("KEYWORD_INCITEMENT_VIOLENCE_HATRED",), 0.05),
    (VIOLENCE, ("KEYWORD_COORDINATED_HARM",), 0.02),
    ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", ("KEYWORD_PHISHING",), 0.12),
    ("STATEMENT_CATEGORY_PROTECTION_OF_MINORS", ("KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS",), 0.05),
    ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", ("KEYWORD_NUDITY",), 0.15),
    ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", (), 0.10),
)
VISIBILITIES = ("CONTENT_REMOVED", "CONTENT_DISABLED", "CONTENT_DEMOTED", "CONTENT_AGE_RESTRICTED", "CONTENT_LABELLED")
CONTENT_TYPES = (("TEXT",), ("IMAGE",), ("VIDEO",), ("TEXT", "IMAGE"), ("AUDIO",), ("SYNTHETIC_MEDIA", "VIDEO"))
TERRITORIES: Sequence[Sequence[str]] = (
    ["IE"],
    ["DE"],
    ["FR"],
    ["DE", "AT"],
    ["IE", "FR", "DE", "IT", "ES", "NL", "PL"],
    [],
)
ILLEGAL, INCOMPATIBLE = "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
ON_TERMS = {
    "decision_ground": INCOMPATIBLE,
    "illegal_content_legal_ground": None,
    "illegal_content_explanation": None,
    "incompatible_content_ground": TERMS[0],
    "incompatible_content_explanation": EXPLANATIONS[0],
}
ON_LAW = {
    "decision_ground": ILLEGAL,
    "illegal_content_legal_ground": LAWS[0],
    "illegal_content_explanation": EXPLANATIONS[0],
    "incompatible_content_ground": None,
    "incompatible_content_explanation": None,
    "incompatible_content_illegal": None,
}
STATEMENT_DIRT = (
    Dirt("uuid.pattern", {"uuid": "6bf8beb0-765c-1e79-8cb1-dc93fc7478bb"}),
    Dirt("uuid.unique", same_as_before=("uuid",)),
    Dirt("decision_visibility.one_decision", {"decision_visibility": None, "decision_account": None,
         "decision_visibility_other": None}),
    Dirt("decision_visibility.type", {"decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED"}),
    Dirt("decision_monetary_other.only_other", {"decision_monetary_other": "Share of income withheld"}),
    Dirt("decision_visibility_other.given", {"decision_visibility": '["DECISION_VISIBILITY_OTHER"]',
         "decision_visibility_other": None}),
    Dirt("illegal_content_legal_ground.only_illegal", {**ON_TERMS, "illegal_content_legal_ground": LAWS[0]}),
    Dirt("illegal_content_explanation.given", {**ON_LAW, "illegal_content_explanation": None}),
    Dirt("incompatible_content_ground.only_incompatible", {**ON_LAW, "incompatible_content_ground": TERMS[0]}),
    Dirt("category.known", {"category": "STATEMENT_CATEGORY_RUDENESS"}),
    Dirt("category_specification.known", {"category_specification": '["KEYWORD_RUDENESS"]'}),
    Dirt("content_type.required", {"content_type": None}),
    Dirt("content_date.range", {"content_date": "1970-01-01"}),
    Dirt("application_date.type", {"application_date": "31.10.2026"}),
    Dirt("source_type.known", {"source_type": "SOURCE_RUMOUR"}),
    Dirt("automated_detection.required", {"automated_detection": None}),
    Dirt("automated_decision.known", {"automated_decision": "Yes"}),
    Dirt("row.cells"),
)  # fmt: skip


def statement_rows(plan: Plan) -> FeedRows:
    """The register's dump, a zipped file a day; the records are in no way tied to the hub's incidents."""
    chance = plan.chance("provider_statements")
    count = max(plan.days * STATEMENTS_A_DAY, round(plan.reports * STATEMENTS_A_REPORT))
    file = np.sort(np.concatenate([np.repeat(np.arange(plan.days), STATEMENTS_A_DAY), _spread(chance, plan, count)]))
    applied = plan.start.toordinal() - EPOCH_ORDINAL + file
    topic = chance.choice(len(TOPICS), size=count, p=[share for _, _, share in TOPICS])
    is_illegal = chance.random(count) < 0.12
    automated = chance.random(count) < 0.7
    provider = chance.choice(len(PROVIDERS), size=count, p=PROVIDER_SHARE)
    cells = {
        "uuid": random_uuids(chance, count),
        **_decisions(chance, applied, count),
        "account_type": pick(["ACCOUNT_TYPE_PRIVATE", "ACCOUNT_TYPE_BUSINESS"], (chance.random(count) < 0.1) * 1),
        **_grounds(chance, is_illegal),
        "category": pick([category for category, _, _ in TOPICS], topic),
        "category_addition": constant(None, count),
        "category_specification": pick([_listed(keywords) for _, keywords, _ in TOPICS], topic),
        "category_specification_other": constant(None, count),
        "content_type": pick(
            [_listed(f"CONTENT_TYPE_{kind}" for kind in kinds) for kinds in CONTENT_TYPES],
            chance.integers(0, len(CONTENT_TYPES), count),
        ),
        "content_type_other": constant(None, count),
        "content_language": pick(["EN", "DE", "FR", "ES", "PL", None], chance.integers(0, 6, count)),
        "content_date": days_text(applied - chance.geometric(0.25, count) + 1),
        "content_id_ean": constant(None, count),
        "territorial_scope": pick([_listed(codes) for codes in TERRITORIES], chance.integers(0, 6, count)),
        "application_date": days_text(applied),
        "decision_facts": pick(FACTS, chance.integers(0, len(FACTS), count)),
        **_sources(chance, automated),
        "platform_name": pick(PROVIDERS, provider),
        "platform_uid": pa.array(chance.integers(10**11, 10**12, count)).cast(TEXT),
        "created_at": utc_times(applied * SECONDS_A_DAY + chance.integers(0, SECONDS_A_DAY, count)),
    }
    names = [f"sor-{day}.csv.zip" for day in plan.dates]
    return soil(clean_rows("provider_statements", cells, names, file, Truth.none(count)), STATEMENT_DIRT, chance)


def _spread(chance: np.random.Generator, plan: Plan, count: int) -> np.ndarray:
    return chance.integers(0, plan.days, count - plan.days * STATEMENTS_A_DAY)


def _listed(codes: Iterable[str]) -> str:
    return json.dumps(list(codes))


def _decisions(chance: np.random.Generator, applied: np.ndarray, count: int) -> dict[str, pa.Array]:
    visible = chance.random(count) < 0.88
    other = visible & (chance.random(count) < 0.02)
    kinds = [_listed([f"DECISION_VISIBILITY_{kind}"]) for kind in (*VISIBILITIES, "OTHER")]
    kind = np.where(
        other, len(VISIBILITIES), chance.choice(len(VISIBILITIES), size=count, p=[0.6, 0.15, 0.1, 0.1, 0.05])
    )
    ends = ~visible & (chance.random(count) < 0.5)
    return {
        "decision_visibility": pick(kinds, np.where(visible, kind, -1)),
        "decision_visibility_other": only_where(other, constant("Comments closed", count)),
        "end_date_visibility_restriction": constant(None, count),
        "decision_monetary": constant(None, count),
        "decision_monetary_other": constant(None, count),
        "end_date_monetary_restriction": constant(None, count),
        "decision_provision": constant(None, count),
        "end_date_service_restriction": constant(None, count),
        "decision_account": pick(
            ["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"],
            np.where(visible, -1, chance.integers(0, 2, count)),
        ),
        "end_date_account_restriction": only_where(ends, days_text(applied + chance.integers(1, 60, count))),
    }


def _grounds(chance: np.random.Generator, is_illegal: Mask) -> dict[str, pa.Array]:
    count = len(is_illegal)
    why = pick(EXPLANATIONS, chance.integers(0, len(EXPLANATIONS), count))
    also = pick(["No", "Yes", None], chance.integers(0, 3, count))
    return {
        "decision_ground": pick([INCOMPATIBLE, ILLEGAL], is_illegal * 1),
        "decision_ground_reference_url": constant("https://provider.example.org/rules", count),
        "illegal_content_legal_ground": only_where(is_illegal, pick(LAWS, chance.integers(0, len(LAWS), count))),
        "illegal_content_explanation": only_where(is_illegal, why),
        "incompatible_content_ground": only_where(~is_illegal, pick(TERMS, chance.integers(0, len(TERMS), count))),
        "incompatible_content_explanation": only_where(~is_illegal, why),
        "incompatible_content_illegal": only_where(~is_illegal, also),
    }


def _sources(chance: np.random.Generator, automated: Mask) -> dict[str, pa.Array]:
    count = len(automated)
    source = np.where(automated, 3, chance.choice(3, size=count, p=[0.55, 0.1, 0.35]))
    decision = np.where(automated & (chance.random(count) < 0.6), 0, chance.integers(1, 3, count))
    return {
        "source_type": pick(
            ["SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"],
            source,
        ),
        "source_identity": constant(None, count),
        "automated_detection": pick(["No", "Yes"], automated * 1),
        "automated_decision": pick(
            ["AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"], decision
        ),
    }

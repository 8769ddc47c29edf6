"""Which columns each kind of mutation may change so that every record is still accepted, read from the contracts.

Codes on which a rule of another column depends are left out: a victim's support that is ``closed`` needs a reason, an
anonymous reporter leaves no name, what is not online has no platform.
"""

from collections.abc import Mapping

type Place = tuple[str, str]
"""A feed and one of its columns."""

FLAGS: tuple[Place, ...] = (
    ("true_vision_reports", "reporter_is_victim"),
    ("true_vision_reports", "is_threat_to_life"),
    ("true_vision_reports", "consent_share_police"),
    ("true_vision_reports", "consent_share_anonymised"),
    ("true_vision_reports", "consent_refer_support"),
    ("community_reports", "is_threat_to_life"),
    ("community_reports", "consent_share_police"),
    ("community_reports", "consent_share_anonymised"),
    ("community_reports", "consent_refer_support"),
    ("community_reports", "consent_contact"),
    ("volunteer_reports", "is_threat_to_life"),
    ("volunteer_reports", "is_criminal_in_view"),
    ("provider_statements", "automated_detection"),
)

UPDATES_OF_A_CASE = ("needs_assessed", "offered", "consented", "declined", "referred", "contacted", "engaged")
RESTRICTIONS = ("content_removed", "content_restricted", "account_suspended")
OTHER_ANSWERS = ("acknowledged", "no_violation", "content_restored", "more_information_needed")
CASE_WORK = (
    "suspect_enquiries",
    "evidence_package",
    "platform_notice",
    "allocation",
    "victim_acknowledgement",
    "needs_assessment",
)
STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
PLATFORMS = (
    "facebook",
    "instagram",
    "threads",
    "whatsapp",
    "x",
    "youtube",
    "tiktok",
    "snapchat",
    "telegram",
    "reddit",
    "discord",
    "twitch",
    "bluesky",
    "mastodon",
    "linkedin",
    "pinterest",
    "tumblr",
    "gaming",
    "forum",
    "news_comments",
    "website",
    "email",
    "sms",
    "other",
)
STREET_CRIMES = (
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other theft",
    "Public order",
    "Shoplifting",
    "Theft from the person",
    "Violence and sexual offences",
)
OUTCOMES_OF_CRIMES = (
    "Local resolution",
    "Offender fined",
    "Offender given a caution",
    "Suspect charged",
    "Unable to prosecute suspect",
    "Under investigation",
    "Investigation complete; no suspect identified",
    "Further investigation is not in the public interest",
)
ASSIGNED_OUTCOMES = tuple(str(number) for number in range(1, 23))

CODES: Mapping[Place, tuple[tuple[str, ...], ...]] = {
    ("true_vision_reports", "strands"): (STRANDS,),
    ("true_vision_reports", "platform"): (PLATFORMS,),
    ("true_vision_reports", "is_online"): (("yes", "unknown"),),
    ("true_vision_reports", "force_named"): (("E23000001", "ABROAD", "E23000014", "E23000036", "BTP"),),
    ("community_reports", "strands"): (STRANDS,),
    ("community_reports", "platform"): (PLATFORMS,),
    ("community_reports", "is_online"): (("yes", "unknown"),),
    ("volunteer_reports", "strands"): (STRANDS,),
    ("volunteer_reports", "platform"): (PLATFORMS,),
    ("volunteer_reports", "is_criminal_in_view"): (("yes", "no", "unknown"),),
    ("volunteer_reports", "action"): (("counter_narrative", "support_signposted"),),
    ("police_hate_crimes", "offence_code"): (
        ("8M", "8P", "105B", "9B", "58J", "8L", "8Q", "8R", "3B", "9A", "62A", "66", "8N", "105A", "5D"),
    ),
    ("police_hate_crimes", "strands"): (STRANDS,),
    ("police_hate_crimes", "outcome_code"): (ASSIGNED_OUTCOMES,),
    ("force_responses", "kind"): (("acknowledged", "accepted"),),
    ("force_responses", "outcome_code"): (ASSIGNED_OUTCOMES,),
    ("provider_responses", "kind"): (RESTRICTIONS, OTHER_ANSWERS),
    ("provider_responses", "referral_route"): (
        (
            "user_flag",
            "priority_flagger",
            "dsa_article16_notice",
            "law_enforcement_portal",
            "emergency_disclosure",
            "court_order",
            "ctiru",
            "report_harmful_content",
        ),
    ),
    ("victim_support_events", "kind"): (UPDATES_OF_A_CASE,),
    ("victim_support_events", "closing_reason"): (("needs_met", "withdrew", "no_contact", "referred_on", "other"),),
    ("hub_activity", "role"): (("detective_inspector", "detective_sergeant", "detective_constable", "analyst"),),
    ("hub_activity", "activity"): (CASE_WORK, ("complaint", "supervision", "training", "other")),
    ("hub_activity", "decision"): (("crime", "nchi", "intelligence_report", "asb", "not_police_matter"),),
    ("hub_activity", "detail_code"): (
        ("arrest", "release", "no_further_action", "charge", "no_investigation", "outcome"),
    ),
    ("provider_statements", "category"): (
        tuple(
            f"STATEMENT_CATEGORY_{name}"
            for name in (
                "ILLEGAL_OR_HARMFUL_SPEECH",
                "OTHER_VIOLATION_TC",
                "CYBER_VIOLENCE",
                "SCAMS_AND_FRAUD",
                "VIOLENCE",
            )
        ),
    ),
    ("provider_statements", "source_type"): (
        ("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"),
    ),
    ("provider_statements", "automated_decision"): (
        ("AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"),
    ),
    ("provider_statements", "account_type"): (("ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"),),
    ("provider_statements", "content_language"): (("ES", "PL", "DE", "EN", "FR", "IT"),),
    ("victim_surveys", "answer"): (("1", "2", "3", "4", "5"), ("dont_know", "refused")),
    ("victim_surveys", "wave"): (("start", "end"),),
    ("police_uk_street", "crime_type"): (STREET_CRIMES,),
    ("police_uk_street", "last_outcome_category"): (OUTCOMES_OF_CRIMES,),
    ("police_uk_outcomes", "outcome_type"): (OUTCOMES_OF_CRIMES,),
}
"""Codes that may take each other's place in the same record."""

CLOCKS: tuple[tuple[Place, tuple[int, ...]], ...] = (
    (("true_vision_reports", "reported_at"), (1, -1)),
    (("community_reports", "reported_at"), (1, -1)),
    (("volunteer_reports", "reported_at"), (1, -1)),
    (("volunteer_reports", "reported_to_platform_at"), (1, -1)),
    (("force_responses", "happened_at"), (-1,)),
    (("provider_responses", "happened_at"), (1, -1)),
    (("victim_support_events", "happened_at"), (-1,)),
    (("victim_support_events", "recorded_at"), (1,)),
    (("hub_activity", "started_at"), (1, -1)),
)
"""Times with an offset, and the ways in which they may be wrong."""

EARLIER_DATES: tuple[Place, ...] = (
    ("true_vision_reports", "occurred_on"),
    ("community_reports", "occurred_on"),
    ("volunteer_reports", "occurred_on"),
    ("police_hate_crimes", "occurred_on"),
    ("provider_statements", "content_date"),
    ("provider_statements", "application_date"),
    ("victim_surveys", "answered_on"),
)

OLDER_RECORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("true_vision_reports", ("reported_at", "occurred_on")),
    ("community_reports", ("reported_at", "occurred_on")),
    ("force_responses", ("happened_at",)),
    ("provider_responses", ("happened_at",)),
    ("victim_support_events", ("happened_at",)),
    ("hub_activity", ("started_at",)),
    ("provider_statements", ("application_date", "content_date")),
)
"""Times that all lie further back once answers or reports come later."""

MAY_BE_EMPTY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("true_vision_reports", ("platform",)),
    ("true_vision_reports", ("content_url",)),
    ("true_vision_reports", ("borough_named",)),
    ("true_vision_reports", ("offence_postcode_district",)),
    ("true_vision_reports", ("offence_lsoa_code",)),
    ("true_vision_reports", ("victim_name",)),
    ("community_reports", ("platform",)),
    ("community_reports", ("content_url",)),
    ("community_reports", ("borough_named",)),
    ("community_reports", ("reporter_email",)),
    ("volunteer_reports", ("borough_named",)),
    ("volunteer_reports", ("force_named",)),
    ("force_responses", ("officer_name",)),
    ("provider_responses", ("statement_uuid",)),
    ("provider_responses", ("account_handle",)),
    ("victim_support_events", ("report_ref",)),
    ("victim_support_events", ("victim_postcode",)),
    ("victim_support_events", ("victim_phone",)),
    ("police_hate_crimes", ("hub_reference",)),
    ("police_hate_crimes", ("offence_lsoa_code",)),
    ("provider_statements", ("decision_ground_reference_url",)),
    ("provider_statements", ("account_type",)),
    ("provider_statements", ("content_language",)),
    ("provider_statements", ("platform_uid",)),
    ("victim_surveys", ("report_ref",)),
)
OFTEN_EMPTY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("true_vision_reports", ("occurred_on",)),
    ("true_vision_reports", ("reporter_is_victim",)),
    ("true_vision_reports", ("is_threat_to_life",)),
    ("community_reports", ("occurred_on",)),
    ("community_reports", ("is_threat_to_life",)),
    ("volunteer_reports", ("content_url",)),
    ("volunteer_reports", ("is_threat_to_life",)),
    ("force_responses", ("allocation_ref",)),
    ("provider_statements", ("territorial_scope",)),
    ("police_uk_street", ("longitude", "latitude")),
    ("police_uk_street", ("lsoa_code", "lsoa_name")),
)
"""Columns of which a delivery may lack many, and is held when it lacks nearly all."""

NUMBERS: tuple[tuple[str, tuple[str, ...], float | None], ...] = (
    ("hub_activity", ("hours",), 24),
    ("training_sessions", ("hours",), 24),
    ("programme_spend", ("budget_amount", "spent_amount", "claimed_amount"), None),
)
"""Numbers, and the largest that the contract allows."""

PLACES_OF_POINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("police_uk_street", ("longitude", "latitude")),
    ("police_uk_outcomes", ("longitude", "latitude")),
)

LONG_TEXTS: tuple[tuple[str, str, int], ...] = (
    ("true_vision_reports", "content_url", 0),
    ("community_reports", "content_url", 0),
    ("volunteer_reports", "content_url", 0),
    ("true_vision_reports", "description", 60),
    ("volunteer_reports", "description", 60),
    ("true_vision_reports", "borough_named", 4),
    ("provider_statements", "decision_facts", 20),
    ("provider_statements", "incompatible_content_explanation", 20),
    ("police_uk_street", "location", 10),
)
"""Texts, and to how many characters they are cut; 0 is for addresses, of which the site is left."""

PAIRS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("true_vision_reports", ("borough_named",), "offence_postcode_district"),
    ("true_vision_reports", ("platform",), "content_url"),
    ("community_reports", ("platform",), "content_url"),
    ("volunteer_reports", ("platform",), "content_url"),
    ("volunteer_reports", ("force_named",), "borough_named"),
    ("hub_activity", ("hours",), "activity"),
    ("hub_activity", ("role",), "activity"),
    ("provider_statements", ("automated_decision",), "automated_detection"),
    ("provider_statements", ("source_type",), "automated_detection"),
    ("provider_statements", ("category_specification",), "category"),
    ("police_uk_street", ("lsoa_code", "lsoa_name"), "location"),
    ("victim_surveys", ("answer",), "wave"),
)
"""Columns whose values may change places among records, and the column they hang together with."""

RECORDS_OF: tuple[str, ...] = (
    "true_vision_reports",
    "community_reports",
    "volunteer_reports",
    "force_responses",
    "provider_responses",
    "victim_support_events",
    "hub_activity",
    "provider_statements",
)
"""Daily feeds, of which records may be missing or be delivered more than once."""

BEHAVIOUR: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("community_reports", ("strands",)),
    ("community_reports", ("is_online", "platform")),
    ("community_reports", ("consent_share_police", "consent_refer_support", "consent_contact")),
    ("provider_responses", ("kind", "statement_uuid", "suspect_country_code", "suspect_force_code", "account_handle")),
    ("provider_responses", ("referral_route",)),
    ("victim_support_events", ("kind", "closing_reason")),
    ("provider_statements", ("automated_detection", "automated_decision")),
    ("provider_statements", ("category", "category_specification")),
)
"""Columns in which senders of one feed behave differently."""

"""What codes in a package mean to the person who reads it."""

from collections.abc import Mapping

MEANINGS = {
    "acknowledged": "you have it",
    "accepted": "it is yours, and you work on it",
    "returned": "it is not yours; say why",
    "transferred": "you have given it to another force or body; say which",
    "outcome": "how it ended, by the outcome code",
    "more_information_needed": "the hub is to find out more first",
    "content_removed": "the content is gone",
    "content_restricted": "fewer people are shown the content",
    "account_suspended": "the account is closed",
    "no_violation": "it breaks none of your rules",
    "information_provided": "you have given the information that was asked for",
}
CLASSES = {
    "nchi": "non-crime hate incident",
    "asb": "anti-social behaviour",
    "not_police_matter": "no matter for the police",
}
BASES = {
    "triage": "as the hub's officers have classed it",
    "police_record": "as a force has recorded it",
    "presumed": "which is presumed: nobody has classed it yet",
}
PLACES = {
    "offence_lsoa": "the small area (LSOA) where it happened is known",
    "offence_postcode_district": "the postcode district where it happened is known",
    "victim_home": "the victim lives there",
    "suspect_location": "a provider says that the account is used there",
    "borough_named": "a report names a place there",
    "reporters_borough": "who reported lives there",
    "force_named": "a report names the force",
    "none": "nothing tells where it happened",
    "said_by_force": "a force has said so",
}
LEFT_OUT: Mapping[str | None, str] = {
    None: "the reports name nobody whose details the hub may share",
    "not_encrypted": "packages to you are sent without persons; ask the hub's desk, by the reference above",
    "no_consent": "not all who gave their details agreed that the police have them; ask the hub's desk",
    "report_changed": "a report has changed since; a newer package follows, or ask the hub's desk",
    "not_readable": "the hub could not read them just now; ask its desk",
}

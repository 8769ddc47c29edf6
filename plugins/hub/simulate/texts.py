"""Words of answers and statements: short, neutral, and without a single word of hate."""

REASONS = [
    "The victim lives in another area.",
    "The suspect lives in another area.",
    "Not enough to go on: the account is gone & the provider has no record.",
    "Recorded here already under another reference.",
]
FACTS = [
    "Reported by a user and seen by a reviewer.",
    "Found by automated means, confirmed by a reviewer.",
    "Notice of a trusted flagger, seen by a reviewer.",
    "Found by automated means; the account had been warned, twice.",
]
TERMS = ["Community rules, hateful conduct", "Terms of use, section 4", "Rules on harassment, bullying and threats"]
LAWS = ["Law on incitement to hatred", "Penal code, threats", "Law on the denial of crimes against humanity"]
EXPLANATIONS = [
    "The post attacks people for a protected characteristic.",
    "The message threatens a person, and gives an address.",
    "The comment calls for a group to be driven out.",
]

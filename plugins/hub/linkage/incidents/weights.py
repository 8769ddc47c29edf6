"""What evidence is worth: the parameters of the linkage of incidents.

A weight is the log2 of how much more often two reports of one incident agree (or differ) in this way than two reports
that meet by chance (Fellegi and Sunter 1969). Weights of a pair are added up. They are stated and not trained: pairs
whose truth is known exist in made-up worlds only, and a person can read and dispute these.
"""

from collections.abc import Mapping

VERSION = 5
"""Goes up with every change of what is written here or of how levels are found: all pairs are then scored again."""

CONFIRMED_FROM, SUGGESTED_FROM = 5.0, 4.0
"""Sums: from the first on a pair joins (odds of 32 to 1), from the second on a person may look at it (16 to 1)."""
BY_CHANCE = -9.0
"""Where each pair begins: of the reports of a few days one pair in some 500 is of one incident."""

WORD_BITS = (4.5, 3.5, 2.5, 1.0, 0.25)
"""A word that both tell, by the days of two months on which any report tells it: one or two, up to 4, 8, 16, 32.
The days, because a post that hundreds report is one occasion."""
COMMON_FROM = len(WORD_BITS)
MOST_WORD_BITS, MOST_PHRASE_BITS, MOST_OF_TEXT = 8.0, 7.0, 15.0
"""What words, phrases and a text as a whole may add at most."""
OF_PHRASES = 0.5
"""Words of one sentence come together: many are not worth the sum of each."""
LIKENESS_A_WORD = 0.75
"""Texts that are alike in stock words alone are not worth more than this for each telling word they share."""
MOST_AROUND_A_QUOTE = 2.0
"""What the words around the same quote may add to that: who copies words tells nothing else of the story."""
SAME_STORY = 6.0
"""From it two texts tell one story, so that days of one victim that differ are a slip."""
MOST_OF_A_COPY = 3.0
"""What a text is worth at most where it names another account: one who copies abuse sends it to others, too."""
COPIES = (1.0, 0.6, 0.25)
"""The share of its worth that a likeness keeps, by the days on which texts like it are told, as for words."""

LIKENESS = (
    (0.97, "the same text", 10.0),
    (0.9, "nearly the same text", 8.5),
    (0.8, "much the same text", 6.0),
    (0.7, "a similar text", 3.0),
    (0.55, "a text with some likeness", -0.5),
    (0.0, "another text", -1.0),
)
"""A third of the reports on one incident are told in wholly other words, so another text is no contradiction."""

DAY: Mapping[str, float] = {
    "the same day": 4.5,
    "a day apart": 2.0,
    "two or three days apart": -2.0,
    "another day": -9.0,
    "reported within three days": 2.5,
    "reported within a week": 1.0,
    "reported within three weeks": -1.0,
    "reported later": -4.0,
    "reported a day before it happened": -1.0,
    "reported before it happened": -6.0,
}
PLACE: Mapping[str, float] = {
    "the same small area": 5.0,
    "another small area": -1.5,
    "the same postcode district": 3.5,
    "another postcode district": -2.0,
    "the same borough": 2.5,
    "another borough": -0.5,
    "the same force": 1.0,
    "another force": -2.0,
}
"""The finest place that both name. Reporters now and then name their own place instead."""
OTHER_DAY_OF_ONE_VICTIM: Mapping[str, float] = {"a day apart": -2.0, "two or three days apart": -5.0}
"""Who is attacked once is often attacked again, on another day: then platform, strands and all else decide."""
PLACE_OF_ONE_VICTIM = 1.0
"""People are attacked where they live: that the place is the same says little beside the victim."""
PLATFORM: Mapping[str, float] = {"the same platform": 1.0, "another platform": -5.0}
ONLINE: Mapping[str, float] = {
    "both online, or neither": 0.5,
    "one online, the other not": -5.0,
    "one online, the other not, by a force": -2.0,
}
"""Forces flag it unevenly (HMICFRS 2018)."""
STRANDS: Mapping[str, float] = {"the same strands": 1.5, "a strand in common": 0.5, "other strands": -3.5}
VICTIM: Mapping[str, float] = {
    "name and another detail": 11.5,
    "date of birth and part of the name": 10.0,
    "contact or date of birth": 10.5,
    "the whole name": 11.0,
    "the whole name, another home": 6.0,
    "part of the name": 3.0,
    "postcode": 8.0,
    "name, but another date of birth": -3.0,
    "another of one family name": -6.0,
    "another name": -8.0,
    "another name and date of birth": -12.0,
}
"""Less than a name is worth among all people: who is attacked once is often attacked again, and then another incident
has the same victim."""
NAMED: Mapping[str, float] = {
    "the victim of one is named in the other's text": 9.5,
    "the victim of one is who reports the other": 9.0,
    "the victim of one has the name of who reports the other": 6.0,
}
REPORTER: Mapping[str, float] = {"the same reporter": 8.5, "a reporter of the same name": 4.0, "the same office": 0.0}
QUOTES: Mapping[str, float] = {
    "the same words are quoted": 5.0,
    "much the same words are quoted": 0.5,
    "some of the same words are quoted": -3.0,
    "other words are quoted": -7.0,
}
"""Abuse is made of phrases that many use: a phrase in common in what is quoted otherwise is no sign of one incident."""
ACCOUNT: Mapping[str, float] = {
    "the same account": 0.5,
    "another account than the page's": -4.0,
    "another account": -8.0,
}
"""Under one's page others write, too."""
TIME: Mapping[str, float] = {"the same minute": 4.5, "about the same time": 1.0, "another time": -3.0}
ADDRESS: Mapping[str, float] = {
    "the same post": 14.0,
    "a comment and its post": 3.0,
    "the same thread or profile": 2.5,
    "another post": -9.0,
    "a post elsewhere": -5.0,
}
REFERENCE: Mapping[str, float] = {
    "the hub's own reference": 25.0,
    "crime number of one force": 14.0,
    "crime number without a force": 9.0,
    "crime number of two forces": -1.0,
    "two crime numbers of one force": -8.0,
}
OTHER_POSTS, OTHER_VICTIMS = ADDRESS["another post"], VICTIM["another name"]
"""What a link loses that would put reports of two posts, or of two victims, into one incident."""
OTHER_DAYS = -4.0
"""What a link loses that would make one incident of attacks on one victim on several days."""
OTHER_FORCES = REFERENCE["crime number of two forces"] - REFERENCE["crime number without a force"]
"""What a link loses that would make one incident of crimes of two forces whose numbers are alike: it was counted as if
no force were told, and where two are, it counts against the link. The hub's own reference is worth more than that."""

"""Words of reports: short, neutral, and without a single word of hate. A mask such as "[slur]" stands for it."""

import numpy as np
import pyarrow as pa

from hub.simulate.cells import Mask, Numbers, either, joined, pick

ONLINE = [
    'A comment under my photo called me "[slur]"',
    'A message said "[slur]" and that I should leave the country',
    'A post says that "[group]" do not belong here',
    'Several accounts replied "[slur]" to everything that I wrote',
    'A video makes fun of "[group]" and gives the name of my street',
    'A direct message said "[slur]", and another came from a new account after I blocked it',
    'A profile with my picture posts "[slur]" in my name',
    'A group chat was renamed "[slur]" after I joined',
    'A live stream shouted "[slur]" whenever somebody of "[group]" was shown',
    'Somebody published where I work and wrote "[slur]" beside it',
]
OFFLINE = [
    'A passer-by shouted "[slur]" at me',
    'Somebody wrote "[slur]" on our door',
    'A neighbour said "[slur]" again, in front of my children',
    'Three people followed me along the platform and said "[slur]"',
    'A driver leaned out and called us "[slur]"',
    'A customer refused to be served by "[group]"',
]
ENDINGS = [
    ".",
    ". It has gone on for some weeks.",
    ". I have kept pictures of the screen.",
    ".\nI do not know who it was.",
    ", and I am afraid to go out.",
    ". Others have seen it, too.",
    ". I would like it to be taken down.",
]
THREAT = " They named a place and a time."
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


def describe(chance: np.random.Generator, kinds: Numbers, is_online: Mask, is_threat: Mask) -> pa.Array:
    """What reporters wrote: the incident decides the event (``kinds``), each of them ends it in their own way."""
    count = len(kinds)
    event = either(is_online, pick(ONLINE, kinds % len(ONLINE)), pick(OFFLINE, kinds % len(OFFLINE)))
    ending = pick(ENDINGS, chance.integers(0, len(ENDINGS), count))
    return joined(event, ending, either(is_threat, THREAT, ""))

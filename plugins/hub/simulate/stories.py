"""What reporters wrote. An incident has facts: where, who, what, beside what, when, what it did to somebody. Reports
tell them in words of their own: copied from another, re-worded, or short; cut, misspelt, with sentences left out.

Incidents of one campaign share what was said and what stood beside it; a victim who is attacked again tells of the same
person; an event has its own sign. All the rest differs, so that near-identical words speak for one incident.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate import story_words as words
from hub.simulate.cells import TEXT, Mask, Numbers, drawn, either, joined, mixed, numbered, pick, stitched
from hub.simulate.incidents import NO, Incidents
from hub.simulate.misspelling import misspell
from hub.simulate.plan import Plan

COPIED, REWORDED, SHORT = range(3)
HAND_SHARE = (0.62, 0.34, 0.04)
CUT_SHARE, MISSPELT_SHARE, LEFT_OUT = 0.10, 0.30, 0.15
SCENE, DETAIL, TIME, COUNT, EVENT, EFFECT, REMARK, LAST_REMARK = range(8)
ORDERS = (
    (SCENE, DETAIL, TIME, COUNT, EVENT, EFFECT, REMARK, LAST_REMARK),
    (TIME, SCENE, DETAIL, EVENT, COUNT, EFFECT, REMARK, LAST_REMARK),
    (SCENE, TIME, DETAIL, EFFECT, EVENT, REMARK, COUNT, LAST_REMARK),
    (REMARK, SCENE, COUNT, DETAIL, TIME, EVENT, EFFECT, LAST_REMARK),
    (SCENE, DETAIL, EVENT, EFFECT, TIME, COUNT, LAST_REMARK, REMARK),
)
"""The order of the sentences."""
DETAILS_ONLINE = (
    "Beside the words was a drawing of a ",
    "They had added pictures of a ",
    "One could see a ",
    "It came with a ",
)
DETAILS_OFFLINE = (
    "They were carrying a ",
    "I noticed that they had a ",
    "In their hands they held a ",
    "With them they had a ",
)
THREAT = " They named a place and a time."
SAME_ACCOUNT = 3
"""Of ten campaigns, so many come from one account."""
ROWS_AT_ONCE = 50_000


def tell(plan: Plan, incidents: Incidents, incident: Numbers) -> pa.Array:
    """What each report says about its incident."""
    chance = plan.chance("stories")
    parts = []
    for start in range(0, len(incident), ROWS_AT_ONCE):
        parts.append(_text(plan, chance, incidents, incident[start : start + ROWS_AT_ONCE]))
    return pa.concat_arrays(parts)


def _text(plan: Plan, chance: np.random.Generator, incidents: Incidents, incident: Numbers) -> pa.Array:
    count = len(incident)
    hand = drawn(HAND_SHARE, chance, count)
    variant = _Variants(plan, chance, incident, hand)
    is_online = incidents.online[incident] != NO
    facts = _facts(plan, incidents, incident)
    sentences = [
        _scene(variant, facts, is_online),
        _detail(variant, facts, is_online),
        _time(variant, facts, incidents, incident),
        _count(variant, facts, is_online),
        _event(incidents, incident),
        _effect(variant, facts),
        joined(pick(words.REMARKS, variant.of("remark", len(words.REMARKS))), " "),
        joined(pick(words.REMARKS, variant.of("last", len(words.REMARKS))), " "),
    ]
    kept = [_kept(chance, place, hand) for place in range(len(sentences))]
    sentences = [either(keeps, text, "") for keeps, text in zip(kept, sentences, strict=True)]
    text = _in_order(variant.of("order", len(ORDERS)), sentences)
    text = joined(pc.utf8_rtrim_whitespace(text), either(incidents.is_threat[incident], THREAT, ""))
    return misspell(chance, text, chance.random(count) < MISSPELT_SHARE, chance.random(count) < CUT_SHARE)


class _Variants:
    """Which way of saying something each report takes: copies take the incident's, the others their own."""

    def __init__(self, plan: Plan, chance: np.random.Generator, incident: Numbers, hand: Numbers) -> None:
        self._salt = plan.seed * 64 + 32
        self._chance = chance
        self._incident = incident
        self._own = hand != COPIED

    def of(self, what: str, count: int) -> Numbers:
        """One of ``count`` ways for each report."""
        base = (mixed(self._incident, self._salt + sum(what.encode())) % np.uint64(count)).astype(np.int64)
        return np.where(self._own, self._chance.integers(0, count, len(base)), base)


def _facts(plan: Plan, incidents: Incidents, incident: Numbers) -> Mapping[str, Numbers]:
    """A number for each fact, the same in all reports of an incident; kin incidents have some of them in common."""
    campaign, series = incidents.relations.campaign[incident], incidents.relations.series[incident]
    owner = {
        "place": incident,
        # Some campaigns are the work of one account.
        "who": np.where(mixed(campaign, plan.seed * 64 + 15) % 10 < SAME_ACCOUNT, campaign, series),
        "deed": campaign,
        "detail": campaign,
        "time": incident,
        "count": incident,
        "effect": incident,
    }
    return {
        name: (mixed(source, plan.seed * 64 + 16 + place) >> np.uint64(8)).astype(np.int64)
        for place, (name, source) in enumerate(owner.items())
    }


def _scene(variant: _Variants, facts: Mapping[str, Numbers], is_online: Mask) -> pa.Array:
    """Where, who and what, in one of four orders."""
    place, who = facts["place"], facts["who"]
    online = joined("under a post about ", _of(words.TOPICS, place), " ", _of(words.PAGES, place // 40))
    offline = joined("near ", _of(words.SPOTS, place), " ", _of(words.LANDMARKS, place // 40))
    where = either(is_online, online, offline)
    colour = _of(words.COLOURS, who)
    shown = joined(
        "an account with a ", colour, " ", _of(words.OBJECTS, who // 24), " as its picture and ",
        _of(words.NAMES_OF_ACCOUNTS, who // 960), " in its name",
    )  # fmt: skip
    seen = joined(_of(words.PEOPLE, who // 240), " with a ", colour, " ", _of(words.GARMENTS, who // 24))
    somebody = either(is_online, shown, seen)
    ways = [form for forms in words.DEEDS for form in forms]
    deed = pick(ways, facts["deed"] % len(words.DEEDS) * 3 + variant.of("deed", 3))
    deed = joined(deed, " ", _of(words.TAILS, facts["deed"] // 16))
    way = variant.of("scene", 4)
    is_last = way >= 2
    first, second = either(is_last, somebody, where), either(is_last, deed, somebody)
    third = either(is_last, where, deed)
    return joined(
        pick(("It happened ", "I was ", "This is about ", "What I report: "), way), first,
        pick((": ", " when ", ", who ", " "), way), second, pick((" ", " ", ", ", ", "), way), third, ". ",
    )  # fmt: skip


def _detail(variant: _Variants, facts: Mapping[str, Numbers], is_online: Mask) -> pa.Array:
    detail = facts["detail"]
    way = variant.of("detail", 4)
    online = pick(DETAILS_ONLINE, way)
    offline = pick(DETAILS_OFFLINE, way)
    return joined(either(is_online, online, offline), _thing(detail), " and a ", _thing(detail // 960), ". ")


def _thing(number: Numbers) -> pa.Array:
    return joined(_of(words.COLOURS, number), " ", _of(words.OBJECTS, number // 24))


def _count(variant: _Variants, facts: Mapping[str, Numbers], is_online: Mask) -> pa.Array:
    """How many had reacted, or how long it took."""
    way = variant.of("count", 3)
    before = either(
        is_online,
        pick(("By then it had ", "I counted ", "Below it one can read "), way),
        pick(("It went on for ", "All in all it took ", "I would say it lasted "), way),
    )
    number = pa.array(facts["count"] % 390 + 5).cast(TEXT)
    return joined(before, number, either(is_online, " reactions. ", " seconds. "))


def _time(variant: _Variants, facts: Mapping[str, Numbers], incidents: Incidents, incident: Numbers) -> pa.Array:
    way = variant.of("time", 4)
    weekday = pick(words.WEEKDAYS, (incidents.occurred_day[incident] + 3) % 7)
    clock = pick([f"{hour}:{minute:02}" for hour in range(24) for minute in range(0, 60, 5)], facts["time"] % 288)
    return joined(
        pick(("It was on ", "On ", "That must have been ", "Day and time: "), way), weekday,
        pick((" at ", ", at about ", ", at ", ", "), way), clock, ". ",
    )  # fmt: skip


def _event(incidents: Incidents, incident: Numbers) -> pa.Array:
    """The sign of the event that set it off."""
    event = incidents.relations.event[incident]
    name = pick(words.EVENTS, np.where(event >= 0, event % len(words.EVENTS), -1))
    sentence = joined("It began after the ", name, " match, under #", name, numbered("", event + 1, 2), ". ")
    return pc.fill_null(sentence, "")


def _effect(variant: _Variants, facts: Mapping[str, Numbers]) -> pa.Array:
    ways = [form for forms in words.EFFECTS for form in forms]
    return joined(pick(ways, facts["effect"] % len(words.EFFECTS) * 2 + variant.of("effect", 2)), " ")


def _kept(chance: np.random.Generator, place: int, hand: Numbers) -> Mask:
    """Which reports have the sentence: all have the scene, short ones little else, others miss one now and then."""
    draw = chance.random(len(hand))
    if place == SCENE:
        return np.ones(len(hand), dtype=bool)
    if place == EVENT:
        return draw < np.where(hand == SHORT, 0.5, 0.9)
    left_out = np.where(hand == REWORDED, LEFT_OUT, 0.03 if place < REMARK else 0.1)
    short = (hand == SHORT) & (place in (DETAIL, COUNT)) & (draw < 0.5)
    kept: Mask = (hand != SHORT) & (draw >= left_out) | short
    return kept


def _in_order(order: Numbers, sentences: Sequence[pa.Array]) -> pa.Array:
    parts = []
    for number, places in enumerate(ORDERS):
        rows = np.flatnonzero(order == number)
        taken = pa.array(rows)
        parts.append((rows, joined(*[sentences[place].take(taken) for place in places])))
    return stitched(len(order), parts)


def _of(values: Sequence[str], numbers: Numbers) -> pa.Array:
    return pick(values, numbers % len(values))

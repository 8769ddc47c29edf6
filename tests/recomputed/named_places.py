"""Places as people write them, looked up in the lists of names."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from recomputed.inputs import Inputs

type Shares = dict[str, float]
"""By force, how much of a place is its."""


class Reading(NamedTuple):
    """How much of a place is one force's, and the authority in its area in which the place is."""

    share: float
    authority: str | None


type Readings = dict[str, Reading]
"""By force, where a place may be."""

NATIONS = {"england": "E", "wales": "W"}
SAID_BY_EVERYBODY = {"", "uk", "gb", "united kingdom", "great britain", *NATIONS}
KIND_ALONE = re.compile("(the )?((london|royal|metropolitan|county|city|district|borough|and) )*(of|council)")
OF_COUNCILS = {
    *("metropolitan", "london", "royal", "county", "city", "district", "unitary", "borough", "boro", "town"),
    *("municipal", "corporation", "council", "authority", "area", "centre", "region", "england", "wales"),
    *("scotland", "uk", "mbc", "bc", "cc", "dc", "ua", "lb"),
}
BEFORE_OF = {"london", "royal", "metropolitan", "county", "city", "municipal", "district", "town", "and", "borough"}
BEFORE_OF |= {"council", "corporation"}
SHORT = {"lb", "rb", "mb"}
ALONE = {"royal", "the", "greater", "central", "near"}
WELSH = {"bwrdeistref", "sirol", "sir", "dinas", "dosbarth"}
KNOWN_TO_MANY = 10_000


class NamedPlaces:
    """Finds the forces in whose area a named place may be."""

    def __init__(self, inputs: Inputs) -> None:
        force_of = {row["lad_code"]: row["force_code"] for row in inputs.seed("local_authorities")}
        listed: dict[str, Readings] = defaultdict(dict)
        known: set[tuple[str, str, str | None]] = set()
        for row in inputs.seed("place_names"):
            listed[row["written_name"]][row["force_code"]] = Reading(float(row["force_share"]), row["lad_code"])
            if int(row["residents"]) >= KNOWN_TO_MANY:
                known.add((row["written_name"], row["force_code"], row["lad_code"]))
        several = set(listed)
        for row in inputs.seed("local_authority_names"):
            if row["written_name"] not in several:
                force = force_of[row["lad_code"]]
                listed[row["written_name"]] = {force: Reading(1.0, row["lad_code"])}
                known.add((row["written_name"], force, row["lad_code"]))
        self._listed = listed
        self._known = [each for each in known if len(each[0]) >= 5]
        self._abroad = {row["written_name"] for row in inputs.seed("places_abroad")}
        self._districts = _districts(inputs)

    def readings(self, told: str | None) -> Readings:
        """None where no list has the place."""
        if not told or not told.strip():
            return {}
        whole = self._by_list(_plain(told))
        texts = [_plain(part) for part in re.split(r"[\[\],;/()|]", told)]
        nation = {NATIONS[last] for last in (_last_word(text) for text in (*texts, _plain(told))) if last in NATIONS}
        if whole:
            return _narrowed(whole, [force for force in whole if force[0] in nation])
        parts = [text for text in texts if text not in SAID_BY_EVERYBODY and not KIND_ALONE.fullmatch(text)]
        found = [self._by_list(part) or self._misspelt(part) for part in parts]
        if not found or not found[-1]:
            return {}
        first, *later = [each for each in found if each]
        return _narrowed(
            first, [force for force in first if force[0] in nation or any(force in each for each in later)]
        )

    def _by_list(self, text: str) -> Readings:
        if text in SAID_BY_EVERYBODY or KIND_ALONE.fullmatch(text):
            return {}
        inward = re.fullmatch(r"([a-z]{1,2}[0-9][a-z0-9]?) ?[0-9][a-z]{2}", text)
        for form in (text, _bare(text), inward[1] if inward else ""):
            if form in self._listed or form.upper() in self._districts:
                return self._listed.get(form) or self._districts[form.upper()]
        return {}

    def _misspelt(self, text: str) -> Readings:
        bare = _bare(text)
        if len(bare) < 5 or bare in self._abroad:
            return {}
        meant = [(one, lad) for name, one, lad in self._known if name[0] == bare[0] and _is_one_slip(bare, name)]
        forces, authorities = {force for force, _ in meant}, {lad for _, lad in meant if lad}
        authority = authorities.pop() if len(authorities) == 1 else None
        return {forces.pop(): Reading(1.0, authority)} if len(forces) == 1 else {}


def shares_of_districts(inputs: Inputs) -> Mapping[str, Shares]:
    """By postcode district; one on no border is wholly its centre's."""
    return {district: shares_of(readings) for district, readings in _districts(inputs).items()}


def shares_of(readings: Readings) -> Shares:
    """The readings of a place without its authorities."""
    return {force: one.share for force, one in readings.items()}


def _districts(inputs: Inputs) -> Mapping[str, Readings]:
    borders: dict[str, Readings] = defaultdict(dict)
    for row in inputs.seed("border_districts"):
        borders[row["postcode_district"]][row["force_code"]] = Reading(float(row["force_share"]), row["lad_code"])
    centres = {row["postcode_district"]: row for row in inputs.seed("postcode_districts")}
    whole = {
        name: {row["force_code"]: Reading(1.0, row["lad_code"])} for name, row in centres.items() if row["force_code"]
    }
    return whole | borders


def _narrowed(readings: Readings, kept: list[str]) -> Readings:
    """The readings that something else supports; where it supports none, all."""
    chosen = {force: readings[force] for force in kept} or readings
    whole = sum(one.share for one in chosen.values())
    return {force: Reading(round(one.share / whole, 2), one.authority) for force, one in chosen.items()}


def _plain(text: str) -> str:
    """Lower-case letters and digits without accents; an apostrophe parts no words."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub("['\u2018\u2019`]", "", bare).replace("&", " and ")).split())


def _last_word(text: str) -> str:
    return text.rpartition(" ")[2]


def _bare(text: str) -> str:
    """Without what makes it a council's, a district's or London's."""
    words = text.split()
    while len(words) > 1 and words[-1] in OF_COUNCILS:
        words.pop()
    return " ".join(words[_count_before(words) :])


def _count_before(words: list[str]) -> int:
    """How many words before the name of a place belong to its kind."""
    start = 1 if words[0] in {"the", "greater", "central"} else 0
    if "of" in words[start:]:
        end = words.index("of", start)
        before = words[start:end]
        if before and set(before) <= BEFORE_OF and before[-1] not in {"london", "royal", "metropolitan", "and"}:
            return end + 1
    if words[0] == "cyngor":
        return 1 + sum(1 for _ in _leading(words[1:], WELSH))
    if words[0] in SHORT and len(words) > 1:
        return 2 if words[1] == "of" else 1
    return 1 if words[0] in ALONE and len(words) > 1 else 0


def _leading(words: list[str], kind: set[str]) -> Iterator[str]:
    for word in words:
        if word not in kind:
            return
        yield word


def _is_one_slip(one: str, other: str) -> bool:
    """Whether a letter is wrong, missing, too many or exchanged with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[start:], other[start:]
    return (
        rest[1:] in (others[1:], others)
        or rest == others[1:]
        or (rest[:2] == others[:2][::-1] and rest[2:] == others[2:])
    )

"""Places as people write them, looked up in the lists of names."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping

from recomputed.inputs import Inputs

type Shares = dict[str, float]
"""By force, how much of a place is its."""

NATIONS = {"england": "E", "wales": "W"}
SAID_BY_EVERYBODY = {"", "uk", "gb", "united kingdom", "great britain", *NATIONS}
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
        listed: dict[str, Shares] = defaultdict(dict)
        known: set[tuple[str, str]] = set()
        for row in inputs.seed("place_names"):
            listed[row["written_name"]][row["force_code"]] = float(row["force_share"])
            if int(row["residents"]) >= KNOWN_TO_MANY:
                known.add((row["written_name"], row["force_code"]))
        several = set(listed)
        for row in inputs.seed("local_authority_names"):
            if row["written_name"] not in several:
                listed[row["written_name"]] = {force_of[row["lad_code"]]: 1.0}
                known.add((row["written_name"], force_of[row["lad_code"]]))
        self._listed = listed
        self._known = [each for each in known if len(each[0]) >= 5]
        self._districts = shares_of_districts(inputs)

    def forces(self, told: str | None) -> Shares:
        """None where no list has the place."""
        if not told or not told.strip():
            return {}
        whole = self._by_list(_plain(told))
        texts = [_plain(part) for part in re.split(r"[\[\],;/()|]", told)]
        nation = {NATIONS[last] for last in (_last_word(text) for text in (*texts, _plain(told))) if last in NATIONS}
        if whole:
            return _narrowed(whole, [force for force in whole if force[0] in nation])
        parts = [text for text in texts if text not in SAID_BY_EVERYBODY]
        found = [self._by_list(part) or self._misspelt(part) for part in parts]
        if not found or not found[-1]:
            return {}
        first, *later = [each for each in found if each]
        return _narrowed(
            first, [force for force in first if force[0] in nation or any(force in each for each in later)]
        )

    def _by_list(self, text: str) -> Shares:
        if text in SAID_BY_EVERYBODY:
            return {}
        inward = re.fullmatch(r"([a-z]{1,2}[0-9][a-z0-9]?) ?[0-9][a-z]{2}", text)
        for form in (text, _bare(text), inward[1] if inward else ""):
            if form in self._listed or form.upper() in self._districts:
                return self._listed.get(form) or self._districts[form.upper()]
        return {}

    def _misspelt(self, text: str) -> Shares:
        bare = _bare(text)
        if len(bare) < 5:
            return {}
        forces = {force for name, force in self._known if name[0] == bare[0] and _is_one_slip(bare, name)}
        return {forces.pop(): 1.0} if len(forces) == 1 else {}


def shares_of_districts(inputs: Inputs) -> Mapping[str, Shares]:
    """By postcode district; one on no border is wholly its centre's."""
    borders: dict[str, Shares] = defaultdict(dict)
    for row in inputs.seed("border_districts"):
        borders[row["postcode_district"]][row["force_code"]] = float(row["force_share"])
    centres = {row["postcode_district"]: row["force_code"] for row in inputs.seed("postcode_districts")}
    return {district: {force: 1.0} for district, force in centres.items() if force} | borders


def _narrowed(readings: Shares, kept: list[str]) -> Shares:
    """The readings that something else supports; where it supports none, all."""
    chosen = {force: readings[force] for force in kept} or readings
    whole = sum(chosen.values())
    return {force: round(share / whole, 2) for force, share in chosen.items()}


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

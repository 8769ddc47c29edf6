"""What a report says of where it happened, and which forces that speaks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from proofs.truth_world.events import Event
from proofs.truth_world.facts import places
from proofs.truth_world.homes import Home, write_place
from proofs.truth_world.how import How

NOWHERE: Mapping[str, float] = MappingProxyType({})
LADDER = ("small area", "district", "home", "borough", "force")
"""The best evidence of a place first, as the hub's domain has it."""


@dataclass(frozen=True)
class Placed:
    """The cells of a report's place and, by kind of evidence, the share of each force."""

    cells: Mapping[str, str | None]
    evidence: Mapping[str, Mapping[str, float]]
    labels: frozenset[str]

    def with_home(self, home: Home) -> "Placed":
        """Also the home of the victim, from the postcode beside the name."""
        labels = self.labels | ({"border district"} if home.is_on_a_border else set())
        return Placed(self.cells, {**self.evidence, "home": home.shares}, frozenset(labels))

    def only(self, *kinds: str) -> "Placed":
        """On a form that asks for no other kind of place."""
        evidence = {kind: shares for kind, shares in self.evidence.items() if kind in kinds}
        return Placed(self.cells, evidence, self.labels - {"border district"})

    @property
    def shares(self) -> Mapping[str, float]:
        """The share of each force by the best evidence."""
        return next((self.evidence[kind] for kind in LADDER if kind in self.evidence), NOWHERE)

    @property
    def contradicts_itself(self) -> bool:
        """Whether two kinds of evidence have no force in common."""
        told = [set(shares) for shares in self.evidence.values()]
        return any(not one & other for one in told for other in told)


def place_of(rng: Random, event: Event, how: How) -> Placed:
    """What the fields of a place say."""
    cells: dict[str, str | None] = dict.fromkeys(
        ("offence_postcode_district", "offence_lsoa_code", "borough_named", "force_named")
    )
    evidence: dict[str, Mapping[str, float]] = {}
    labels: set[str] = set()
    if how.own_borough is not None:
        cells["borough_named"] = how.own_borough.place.name
        return Placed(cells, {}, frozenset(("reporter's own borough",)))
    home = event.home
    if home is None or how.place == "untold":
        return Placed(cells, evidence, frozenset())
    if how.place == "named":
        written = write_place(rng, home.place)
        cells["borough_named"], shares = written.text, dict.fromkeys(sorted(written.forces), 1 / len(written.forces))
        return Placed(cells, {"borough": shares}, frozenset((written.label,)))
    is_offline = event.scene is not None
    if rng.random() < (0.25 if is_offline else 0.05):
        cells["offence_lsoa_code"], evidence["small area"] = home.small_area, {home.force: 1.0}
    if rng.random() < (0.6 if is_offline else 0.12):
        cells["offence_postcode_district"], evidence["district"] = home.district, home.shares
        labels |= {"border district"} if home.is_on_a_border else set()
    if rng.random() < 0.45:
        elsewhere = rng.random() < 0.04
        written = write_place(rng, rng.choice(places()) if elsewhere else home.place)
        cells["borough_named"] = written.text
        evidence["borough"] = dict.fromkeys(sorted(written.forces), 1 / len(written.forces))
        labels |= {"another borough named"} if elsewhere else {written.label}
    if rng.random() < 0.2:
        cells["force_named"], evidence["force"] = home.force, {home.force: 1.0}
    return Placed(cells, evidence, frozenset(labels))

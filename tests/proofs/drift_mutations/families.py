"""How many mutations of each kind there are at two densities of reports."""

from collections.abc import Mapping
from dataclasses import dataclass

QUOTAS: Mapping[str, tuple[int, int]] = {
    "numbers doubled": (2, 1),
    "numbers rounded": (2, 1),
    "numbers in other units": (2, 1),
    "flag near two in five inverted": (2, 1),
    "strands collapsed to the first": (1, 1),
    "records of two senders swapped": (1, 1),
    "rows halved": (2, 1),
    "every third row left out": (1, 1),
    "delivered a week late": (1, 1),
    "one sender as another": (2, 1),
    "flag inverted": (3, 2),
    "codes exchanged": (5, 3),
    "code replaced by another": (3, 2),
    "code no longer given": (2, 1),
    "code appears": (2, 1),
    "clock one hour off": (2, 2),
    "clock several hours off": (2, 1),
    "offset changed": (1, 1),
    "dates a day earlier": (2, 2),
    "dates all the first of the month": (2, 1),
    "code from 1.5 to 15 %": (4, 3),
    "rows tripled": (2, 1),
    "rows doubled": (1, 1),
    "sender stops": (2, 1),
    "rows of a code vanish": (4, 3),
    "nulls + 18 points": (4, 3),
    "nulls to all": (2, 1),
    "texts cut": (2, 1),
    "default takes over": (3, 2),
    "records a week older": (2, 1),
    "flag inverted over ten days": (2, 1),
    "code from 1.5 to 15 % over ten days": (1, 1),
    "nulls + 18 points over ten days": (1, 1),
    "strands collapsed to one": (1, 1),
    "correlation broken": (2, 1),
}
"""Kind → how many at the lower and at the higher density. Kinds for which few columns fit come first."""


@dataclass(frozen=True)
class RoleFamily:
    """A simulated hub, and the mutations of it."""

    name: str
    reports_a_day: int
    quotas: Mapping[str, int]
    plain_on_first_day: float
    """The part of the mutations that is as plain to see on the first day as all are after three. Nobody can name a
    change on a day on which it does not show."""

    @property
    def count(self) -> int:
        """How many mutations there are."""
        return sum(self.quotas.values())


THIN = RoleFamily("thin", 100, {kind: thin for kind, (thin, _) in QUOTAS.items()}, 0.7)
"""73 mutations of a hub with 6,000 reports in 60 days."""
DENSE = RoleFamily("dense", 533, {kind: dense for kind, (_, dense) in QUOTAS.items()}, 0.95)
"""48 mutations of a hub with 32,000 reports in 60 days."""
ROLE_FAMILIES = {family.name: family for family in (THIN, DENSE)}
SIMULATED_DAYS = 120
"""60 days for warming up, and 60 within which the mutations begin."""

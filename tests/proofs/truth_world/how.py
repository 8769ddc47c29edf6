"""How somebody reports an incident."""

from dataclasses import dataclass

from proofs.truth_world.homes import Home
from proofs.truth_world.people import Person
from proofs.truth_world.stories_told import Told


@dataclass(frozen=True)
class How:
    """How somebody reports an incident; what is not said is as people usually do."""

    reporter: Person | None = None
    victim: Person | None = None
    voice: str = "witness"
    address: str = "plain"
    text: str = "told"
    told: Told | None = None
    much: float = 1.0
    disguise: str = ""
    names_victim: bool = False
    days_off: int | None = 0
    """How many days the day that is given lies beside the true one; None where no day is given."""
    days_after: int | None = None
    tells_platform: bool = True
    hub_reference: str = ""
    crime_reference: str = ""
    force: str = ""
    place: str = "told"
    """``told`` in any fields of the form, ``named`` in their words alone, or ``untold``."""
    own_borough: Home | None = None
    slips_in_birthday: bool = False
    """Whether the birth date of the victim is given with a wrong digit."""
    labels: frozenset[str] = frozenset()
    traps: frozenset[str] = frozenset()
